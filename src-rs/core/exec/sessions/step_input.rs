//! The input of one step of a session.

use crate::network::compiled::Network;
use crate::tape::input::InputValues;
use lapicque_base::error::{Error, Result};
use lapicque_projection::Element;

/// The input of the network at one step.
#[derive(Clone, Copy)]
pub enum StepInput<'a, F> {
    /// Ascending channels, each once.
    Events(&'a [u32]),
    Values(&'a [F]),
}

/// Checks an input against the channels of a network.
pub(super) fn check_step<F: Element>(network: &Network<F>, input: StepInput<F>) -> Result<()> {
    let channels = network.plan.input_size;
    match input {
        StepInput::Events(events) => {
            if let Some(i) = events.iter().position(|&e| e as usize >= channels) {
                return Err(Error::invalid(
                    format!("events[{i}]"),
                    events[i],
                    format!("a channel below {channels}"),
                ));
            }
            if let Some(i) = events.windows(2).position(|w| w[0] >= w[1]) {
                return Err(Error::invalid(
                    format!("events[{}]", i + 1),
                    events[i + 1],
                    "channels in ascending order, each once",
                ));
            }
        }
        StepInput::Values(values) => {
            if values.len() != channels {
                return Err(Error::ShapeMismatch {
                    layer: "input".into(),
                    expected: format!("[{channels}]"),
                    got: format!("[{}]", values.len()),
                });
            }
            if let Some(i) = values.iter().position(|x| !x.is_finite()) {
                return Err(Error::NonFinite {
                    layer: "input".into(),
                    step: 0,
                    name: format!("channel {i}"),
                });
            }
            network.check_row_numbers(&InputValues::from_checked(values, None, [1, 1, channels], false))?;
        }
    }
    Ok(())
}
