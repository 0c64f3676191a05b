//! Files of others, damaged files, and files of our own.

mod vectors;
