//! Rows of plastic synapses: spike histories, lazy updates by the rules, growth.
//!
//! A connection with a synapse model has its own rows, one per source and delay (`plastic`).
//!
//! - **Lazy updates.** A synapse does not change between its events. When a spike of its source arrives, the row catches
//!   up: the spikes of its targets since the last update are looked up in their history and applied in order, then the
//!   spike itself. The programs of the rule run over all synapses of the row at once (`plastic_row`).
//! - **History.** It is stored by age: the last two spikes of all targets are contiguous, then the two before them. Every
//!   4,096 steps all rows catch up, so that older spikes can be dropped.
//! - **Rules that read states of their targets** (*sights*) have a second history, of the steps in which such a state
//!   causes a change (`observed_states`). Their rows catch up every 64 or 256 steps.
//! - **Updates by target.** If a rule does not read the time between events, its result does not depend on when a row
//!   catches up. If moreover many synapses lead to each target, all rows catch up together once single rows have done
//!   enough work: the synapses of one target are contiguous, and its history is read once for all of them (`by_target`).
//!   Each partition decides this for itself, so before a state is saved all rows catch up to the same step.
//! - **Reading weights.** Weights are read as they are at the end of a step. Spikes of the source that have not arrived
//!   yet are applied to a copy. A min-delay epoch ends at each step in which weights are recorded, so that all spikes are
//!   known.
//! - **Structural plasticity** (`partitions/structure.rs`). A run stops at every change, and one thread gives all
//!   partitions their new rows. A new synapse sees its target's spikes of the last dendritic delay, whether or not its
//!   row has caught up.
//! - **Several rules** on one synapse are combined into one (`combined.rs` of the crate `plasticity`).

pub mod by_age;
pub mod by_target;
pub mod event_log;
pub mod event_rounds;
pub mod growth;
pub mod history;
pub mod learning;
pub mod lookup_cache;
pub mod observed_states;
pub mod plastic;
pub mod plastic_row;
pub mod plastic_rows;
pub mod row_loops;
pub mod row_work;
pub mod rule_programs;
