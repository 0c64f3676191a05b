//! Hodgkin and Huxley's neuron with the rates of Traub and Miles and exponential conductances of two
//! kinds of synapses.

use super::channel_rates::{self, Rates, STEADY};
use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Signs, StateDef, Stepped};
use super::exact_integration as exact;
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct HhCondExpTraub;

impl Neuron for HhCondExpTraub {
    fn definition() -> Definition {
        use Fallback::{Computed, Value};
        let conductance =
            |name, value, meaning| ParamDef::new(name, "nS", Value(value), meaning).range(Range::NotNegative);
        let potential = |name, value, meaning| ParamDef::new(name, "mV", Value(value), meaning);
        let gate = |name, meaning| ParamDef::new(name, "1", Computed(STEADY), meaning).range(Range::Unit);
        let params = vec![
            ParamDef::new("c", "pF", Value(200.0), "membrane capacitance").range(Range::Positive),
            conductance("gNa", 20_000.0, "largest conductance of the sodium channels"),
            conductance("gK", 6_000.0, "largest conductance of the potassium channels"),
            conductance("gL", 10.0, "leak conductance").range(Range::Positive),
            potential("vNa", 50.0, "reversal potential of sodium"),
            potential("vK", -90.0, "reversal potential of potassium"),
            potential("vLeak", -60.0, "reversal potential of the leak"),
            potential("vE", 0.0, "reversal potential of excitation"),
            potential("vI", -80.0, "reversal potential of inhibition"),
            exact::synaptic_time("tauE", 5.0, "time constant of the excitatory conductance"),
            exact::synaptic_time("tauI", 10.0, "time constant of the inhibitory conductance"),
            potential("vT", -63.0, "the potential from which the rates are measured"),
            potential("vThreshold", -20.0, "potential above which a spike is emitted"),
            ParamDef::new(
                "tauRef",
                "ms",
                Value(3.0),
                "time after a spike without another one, rounded to whole steps",
            )
            .range(Range::NotNegative),
            ParamDef::new("iBias", "pA", Value(0.0), "constant current").neutral(0.0),
            potential("vInit", -60.0, "potential at the start"),
            gate("mInit", "m at the start"),
            gate("hInit", "h at the start"),
            gate("nInit", "n at the start"),
            integration::sub_steps(),
        ];
        let state = |name, unit, init, meaning| StateDef { init, ..StateDef::new(name, unit, meaning) };
        Definition {
            key: "hh-cond-exp-traub",
            title: "Hodgkin-Huxley with Traub and Miles's rates and exponential conductances",
            equation: "c dv/dt = gL (vLeak - v) + gE (vE - v) + gI (vI - v) - gNa m^3 h (v - vNa) - gK n^4 (v - vK) + \
                       iBias + x; dy/dt = alpha_y(v) (1 - y) - beta_y(v) y for y = m, h, n; tauE dgE/dt = -gE; tauI \
                       dgI/dt = -gI; a spike adds its weight to gE or gI",
            update: "g = gL + gE + gI + gNa m^3 h + gK n^4, e = (gL vLeak + gE vE + gI vI + gNa m^3 h vNa + gK n^4 vK + \
                     iBias + x[t]) / g; v[t] = e + (v[t-1] - e) exp(-g dt / c); y[t] = y_inf + (y[t-1] - y_inf) \
                     exp(-(alpha_y + beta_y) dt), all from the values of t-1; gE[t] = exp(-dt / tauE) gE[t-1] + \
                     excitatory[t]; gI[t] = exp(-dt / tauI) gI[t-1] + inhibitory[t]; s[t] = 1 if v > vThreshold at \
                     the end of the step or of one of its subSteps and no spike was in the last tauRef, else 0",
            source: "R. Brette et al., J. Comput. Neurosci. 23, 2007, benchmark 3, as in Brian2; R. D. Traub, R. Miles, \
                     Neuronal Networks of the Hippocampus, 1991; NEST 3 hh_cond_exp_traub, which integrates by \
                     Runge-Kutta-Fehlberg and marks the peak. For large networks (simulate): it has more than one port",
            states: vec![
                StateDef { unit: "mV", ..membrane::state() },
                state("m", "1", Some("mInit"), "activation of sodium"),
                state("h", "1", Some("hInit"), "inactivation of sodium"),
                state("n", "1", Some("nInit"), "activation of potassium"),
                state("gE", "nS", None, "excitatory conductance"),
                state("gI", "nS", None, "inhibitory conductance"),
                StateDef { meaning: "steps for which no spike is emitted", ..exact::refractory() },
            ],
            params,
            options: vec![integration::method(&["exponential-euler", "rk4"])],
            ports: exact::PORTS.to_vec(),
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        integration::check(s)
    }

    fn signs() -> Signs {
        exact::CONDUCTANCES
    }

    fn computed<L: Scalar>(_: &Settings, p: &Named<L>, name: &str) -> L {
        channel_rates::steady(channel_rates::traub_miles(p.get("vInit") - p.get("vT")), name)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = p.get("dt") / L::constant(integration::count(s) as f64);
        ["gNa", "gK", "gL", "vNa", "vK", "vE", "vI", "vT", "vThreshold"]
            .into_iter()
            .map(|name| (name, p.get(name)))
            .chain([
                ("length", length),
                ("rest", p.get("gL") * p.get("vLeak") + p.get("iBias")),
                ("perC", length / p.get("c")),
                ("leftE", (-(length / p.get("tauE"))).exp()),
                ("leftI", (-(length / p.get("tauI"))).exp()),
                ("rateE", length / p.get("tauE")),
                ("rateI", length / p.get("tauI")),
                ("refractorySteps", exact::steps(s, p)),
            ])
            .collect()
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let neuron = Membrane { c, input: ports[2] };
        let old = ["v", "m", "h", "n", "gE", "gI"].map(|name| states.get(name));
        let left = states.get("refractory").detach();
        let refractory_now = left.greater(L::zero());
        let (x, [silent]) = L::repeat(integration::count(s), (old, [L::one()]), |x, [silent]| {
            let x = match s.option("method") {
                "rk4" => integration::advance(s, x, |x| neuron.increment(x)),
                _ => neuron.exponential_euler(x),
            };
            (x, [silent * (x[0] - c.get("vThreshold")).spike(true).not()])
        });
        let spike = refractory_now.select(L::zero(), silent.not());
        let counted = (left - refractory_now).max(L::zero());
        let refractory = spike.detach().select(c.get("refractorySteps"), counted).detach();
        let [v, m, h, n, excitation, inhibition] = x;
        Stepped {
            states: vec![v, m, h, n, excitation + ports[0], inhibition + ports[1], refractory],
            spike: Some(spike),
        }
    }
}

/// The neuron during one step, with a constant input current.
struct Membrane<'a, L> {
    c: &'a Named<L>,
    input: L,
}

impl<L: Scalar> Membrane<'_, L> {
    /// The membrane conductance, and the current at potential 0.
    fn conductance(&self, [_, m, h, n, excitation, inhibition]: [L; 6]) -> (L, L) {
        let c = |name| self.c.get(name);
        let sodium = c("gNa") * (m * m * m * h);
        let potassium = c("gK") * n.square().square();
        let channels = sodium.mul_add(c("vNa"), potassium.mul_add(c("vK"), c("rest") + self.input));
        let current = excitation.mul_add(c("vE"), inhibition.mul_add(c("vI"), channels));
        (sodium + potassium + c("gL") + excitation + inhibition, current)
    }

    fn rates(&self, v: L) -> [Rates<L>; 3] {
        channel_rates::traub_miles(v - self.c.get("vT"))
    }

    fn increment(&self, x: [L; 6]) -> [L; 6] {
        let (conductance, current) = self.conductance(x);
        let [m, h, n] = self.rates(x[0]);
        let length = self.c.get("length");
        let gate = |rates: Rates<L>, y: L| (rates.opening - (rates.opening + rates.closing) * y) * length;
        [
            (current - conductance * x[0]) * self.c.get("perC"),
            gate(m, x[1]),
            gate(h, x[2]),
            gate(n, x[3]),
            -(x[4] * self.c.get("rateE")),
            -(x[5] * self.c.get("rateI")),
        ]
    }

    fn exponential_euler(&self, x: [L; 6]) -> [L; 6] {
        let (conductance, current) = self.conductance(x);
        let [m, h, n] = self.rates(x[0]);
        let length = self.c.get("length");
        let relax = |y: L, steady: L, rate: L| (y - steady).mul_add((-rate).exp(), steady);
        let gate = |rates: Rates<L>, y: L| relax(y, rates.steady(), (rates.opening + rates.closing) * length);
        [
            relax(x[0], current / conductance, conductance * self.c.get("perC")),
            gate(m, x[1]),
            gate(h, x[2]),
            gate(n, x[3]),
            x[4] * self.c.get("leftE"),
            x[5] * self.c.get("leftI"),
        ]
    }
}
