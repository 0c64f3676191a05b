//! The random parts of a network that a saved state does not contain: a state can be restored only if they are the
//! same.

use super::gaps::Gaps;
use super::network::{Connection, Plan};
use crate::random::distribution::Sampler;
use crate::spec::description::{Probability, Rule};
use crate::wiring::delays::Delays;
use crate::wiring::outgoing::Wiring;
use lapicque_base::error::{Error, Result};

impl Wiring {
    fn is_sampled(&self) -> bool {
        match &self.rule {
            Rule::AllToAll | Rule::OneToOne | Rule::List { .. } => false,
            Rule::Bernoulli { p: Probability::Constant(p) } => *p > 0.0 && *p < 1.0,
            Rule::Bernoulli { .. }
            | Rule::FixedInDegree { .. }
            | Rule::FixedOutDegree { .. }
            | Rule::FixedTotal { .. }
            | Rule::Poisson { .. } => true,
        }
    }
}

impl Sampler {
    fn is_sampled(&self) -> bool {
        matches!(self, Sampler::Uniform { .. } | Sampler::Normal { .. })
    }
}

impl Connection {
    /// Whether a saved state lacks random values of the connection. A state contains the variables of plastic synapses
    /// (including weights), and with structural plasticity the synapses themselves.
    fn is_sampled(&self) -> bool {
        let wiring = self.structural.is_none() && self.wiring.is_sampled();
        let weights = self.synapse.is_none() && self.weight.is_sampled();
        wiring || weights || self.wiring.places.is_some() || matches!(self.delays, Delays::Sampled { .. })
    }
}

impl Gaps {
    fn is_sampled(&self) -> bool {
        self.wiring.is_sampled() || self.conductance.is_sampled()
    }
}

impl Plan {
    /// Checks that a state of a simulation with the seed `given` can be restored in one with `seed`: only noise may differ.
    ///
    /// # Errors
    /// `invalid-parameter` with both seeds and a connection that differs.
    pub(crate) fn check_seed(&self, given: Option<u64>, seed: u64) -> Result<()> {
        if given == Some(seed) {
            return Ok(());
        }
        let sampled_connection = self.connections.iter().position(Connection::is_sampled);
        let gap = |i| {
            let Gaps { from, to, .. } = self.gaps[i];
            let [from, to] = [from.0, to].map(|population| &self.populations[population].name);
            format!("gaps[{i}] ({from} to {to})")
        };
        let name = match sampled_connection {
            Some(i) => Some(self.description.connections[i].name(i)),
            None => self.gaps.iter().position(Gaps::is_sampled).map(gap),
        };
        let name =
            name.map(|name| format!("synapses of {name}")).or(self.description.sampled.first().cloned());
        let Some(name) = name else { return Ok(()) };
        let verb = if name.starts_with("synapses") { "are" } else { "is" };
        let expected = format!(
            "{seed}, the seed of the simulation, by which {name} {verb} drawn: a state does not contain that"
        );
        let given = given.map_or("none".into(), |given| given.to_string());
        Err(Error::invalid("state.seed", given, expected))
    }
}
