//! The Hodgkin-Huxley neuron, with the rates of the squid axon or those of Traub and Miles.

use super::channel_rates::{self, Rates, STEADY};
use super::decay::clamp;
use super::definition::{
    Definition, Fallback, Neuron, OptionDef, ParamDef, Preset, Range, StateDef, Stepped,
};
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct HodgkinHuxley;

impl Neuron for HodgkinHuxley {
    fn definition() -> Definition {
        use Fallback::{Computed, Value};
        let conductance = |name, value, meaning| {
            ParamDef::new(name, "mS/cm2", Value(value), meaning).range(Range::NotNegative).learnable()
        };
        let potential = |name, value, meaning| ParamDef::new(name, "mV", Value(value), meaning);
        let gate = |name, meaning| ParamDef::new(name, "1", Computed(STEADY), meaning).range(Range::Unit);
        let params = vec![
            ParamDef::new("c", "uF/cm2", Value(1.0), "membrane capacitance").range(Range::Positive),
            conductance("gNa", 120.0, "largest conductance of the sodium channels"),
            conductance("gK", 36.0, "largest conductance of the potassium channels"),
            conductance("gL", 0.3, "leak conductance"),
            potential("vNa", 50.0, "reversal potential of sodium"),
            potential("vK", -77.0, "reversal potential of potassium"),
            potential("vLeak", -54.387, "reversal potential of the leak"),
            potential("vT", -63.0, "for the rates traub-miles: the potential from which they are measured"),
            ParamDef::new(
                "phi",
                "1",
                Value(1.0),
                "temperature factor on the rates of the gates: 3^((T - 6.3) / 10)",
            )
            .range(Range::Positive),
            potential("vThreshold", 0.0, "potential whose upward crossing is a spike"),
            potential("vInit", -65.0, "potential at the start"),
            gate("mInit", "m at the start"),
            gate("hInit", "h at the start"),
            gate("nInit", "n at the start"),
            membrane::grade(),
            integration::sub_steps(),
        ];
        let state = |name, init, meaning| StateDef::new(name, "1", meaning).init(init);
        Definition {
            key: "hodgkin-huxley",
            title: "Hodgkin-Huxley",
            equation: "c dv/dt = x - gNa m^3 h (v - vNa) - gK n^4 (v - vK) - gL (v - vLeak); dy/dt = phi \
                       (alpha_y(v) (1 - y) - beta_y(v) y) for y = m, h, n",
            update: "g = gNa m^3 h + gK n^4 + gL, e = (gNa m^3 h vNa + gK n^4 vK + gL vLeak + x[t]) / g; v[t] = e + \
                     (v[t-1] - e) exp(-g dt / c); y[t] = y_inf + (y[t-1] - y_inf) exp(-phi (alpha_y + beta_y) dt), \
                     all from the values of t-1; s[t] = 1 if v[t] > vThreshold and v[t-1] not, else 0; with \
                     subSteps from any of them to the next",
            source: "A. L. Hodgkin, A. F. Huxley, J. Physiol. 117, 1952, rest at -65 mV; traub-miles: R. D. Traub, R. \
                     Miles, Neuronal Networks of the Hippocampus, 1991, as in R. Brette et al., J. Comput. Neurosci. \
                     23, 2007",
            states: vec![
                StateDef { unit: "mV", ..membrane::state() },
                state("m", "mInit", "activation of sodium"),
                state("h", "hInit", "inactivation of sodium"),
                state("n", "nInit", "activation of potassium"),
            ],
            params,
            options: vec![
                OptionDef {
                    name: "rates",
                    values: &["squid", "traub-miles"],
                    meaning: "how alpha and beta depend on v: the squid's axon of 1952, or a cell of the hippocampus",
                },
                integration::method(&["exponential-euler", "rk4"]),
            ],
            presets: vec![Preset {
                name: "brian2",
                options: vec![("rates", "traub-miles")],
                params: vec![
                    ("gNa", Value(100.0)),
                    ("gK", Value(30.0)),
                    ("gL", Value(0.05)),
                    ("vK", Value(-90.0)),
                    ("vLeak", Value(-60.0)),
                    ("vThreshold", Value(-20.0)),
                ],
                surrogate: None,
                note: "the neuron of its example COBAHH, by exponential Euler; Brian2 marks a spike above -20 mV",
            }],
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        integration::check(s)
    }

    fn computed<L: Scalar>(s: &Settings, p: &Named<L>, name: &str) -> L {
        channel_rates::steady(channel_rates::at(s, p.get("vInit"), p.get("vT")), name)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = L::constant(integration::length(s));
        // Learned parameters stay in their range.
        let conductances = ["gNa", "gK", "gL"].map(|name| (name, p.get(name).max(L::zero())));
        let others = ["vNa", "vK", "vLeak", "vT", "vThreshold", "gradedSpikes"];
        conductances
            .into_iter()
            .chain(others.map(|name| (name, p.get(name))))
            .chain([("perC", length / p.get("c")), ("phi", length * p.get("phi"))])
            .collect()
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let neuron = Membrane { s, c, input: ports[0] };
        let threshold = c.get("vThreshold");
        let old = ["v", "m", "h", "n"].map(|name| states.get(name));
        let (x, [silent]) = L::repeat(integration::count(s), (old, [L::one()]), |x, [silent]| {
            let below = x[0].greater(threshold).not();
            let x = match s.option("method") {
                "rk4" => integration::advance(s, x, |x| neuron.increment(x)),
                _ => neuron.exponential_euler(x),
            };
            (x, [silent * ((x[0] - threshold).spike(true) * below).not()])
        });
        Stepped { states: x.to_vec(), spike: Some(silent.not() * c.get("gradedSpikes")) }
    }
}

/// The neuron during one step, with a constant input.
struct Membrane<'a, L> {
    s: &'a Settings,
    c: &'a Named<L>,
    input: L,
}

impl<L: Scalar> Membrane<'_, L> {
    /// The membrane conductance, and the current at potential 0.
    fn conductance(&self, [_, m, h, n]: [L; 4]) -> (L, L) {
        let c = |name| self.c.get(name);
        let sodium = c("gNa") * (m * m * m * h);
        let potassium = c("gK") * n.square().square();
        let current = sodium.mul_add(c("vNa"), potassium.mul_add(c("vK"), c("gL") * c("vLeak")));
        (sodium + potassium + c("gL"), current + self.input)
    }

    fn rates(&self, v: L) -> [Rates<L>; 3] {
        // In this range no exponential of the rates overflows, whatever the input does to v.
        channel_rates::at(self.s, clamp(v, -200.0, 200.0), self.c.get("vT"))
    }

    fn increment(&self, x: [L; 4]) -> [L; 4] {
        let (conductance, current) = self.conductance(x);
        let phi = self.c.get("phi");
        let [m, h, n] = self.rates(x[0]);
        let gate = |rates: Rates<L>, y: L| (rates.opening - (rates.opening + rates.closing) * y) * phi;
        [(current - conductance * x[0]) * self.c.get("perC"), gate(m, x[1]), gate(h, x[2]), gate(n, x[3])]
    }

    fn exponential_euler(&self, x: [L; 4]) -> [L; 4] {
        let (conductance, current) = self.conductance(x);
        let phi = self.c.get("phi");
        let [m, h, n] = self.rates(x[0]);
        let relax = |y: L, steady: L, rate: L| (y - steady).mul_add((-rate).exp(), steady);
        let gate = |rates: Rates<L>, y: L| relax(y, rates.steady(), (rates.opening + rates.closing) * phi);
        [
            relax(x[0], current / conductance, conductance * self.c.get("perC")),
            gate(m, x[1]),
            gate(h, x[2]),
            gate(n, x[3]),
        ]
    }
}
