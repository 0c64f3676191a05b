//! Files of others, damaged files, and files of our own.

mod mutations;
mod vectors;
mod written;
