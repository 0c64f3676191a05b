//! One line of the table of surrogates.

use crate::definition::Range;
use lapicque_expr::graph::Sym;

#[derive(Debug)]
pub struct SurrogateParam {
    pub name: &'static str,
    pub default: f64,
    pub range: Range,
    /// The maximum of an integer parameter that shapes the expression itself; other parameters are coefficients.
    pub count: Option<u32>,
}

impl SurrogateParam {
    pub fn allows(&self, x: f64) -> bool {
        match self.count {
            Some(most) => x.fract() == 0.0 && x >= 1.0 && x <= most as f64,
            None => self.range.holds(x),
        }
    }

    pub fn expected(&self) -> String {
        match self.count {
            Some(most) => format!("a whole number from 1 to {most}"),
            None => self.range.words().to_string(),
        }
    }
}

#[derive(Debug)]
pub struct Row {
    pub name: &'static str,
    pub formula: &'static str,
    pub source: &'static str,
    pub params: &'static [SurrogateParam],
    /// By library: the default of a parameter in a neuron that is like the library's.
    pub libraries: &'static [(&'static str, &'static [(&'static str, f64)])],
    /// The derivative at x; parameters as nodes and as values.
    pub derivative: fn(Sym, &[Sym], &[f64]) -> Sym,
    /// Whether the derivative, with these parameters, is exactly 0 far enough from the threshold, on one side at least: not
    /// merely too small for a number.
    pub vanishes: Option<fn(&[f64]) -> bool>,
    /// Its integral, in f64, for reference; not used in training.
    pub primitive: Option<fn(f64, &[f64]) -> f64>,
}

impl Row {
    /// The default of a parameter in a neuron that is `like` a library's.
    pub fn default_of(&self, param: &SurrogateParam, like: Option<&str>) -> f64 {
        let of_library = self.libraries.iter().find(|(library, _)| Some(*library) == like);
        let own = of_library.and_then(|(_, defaults)| defaults.iter().find(|(name, _)| *name == param.name));
        own.map_or(param.default, |&(_, value)| value)
    }
}

/// `name`, formula, source, parameters with range and default, deviating defaults of libraries, the derivative over `Scalar`,
/// when it vanishes far from the threshold, and the primitive in f64 if it is known.
macro_rules! surrogate {
    (
        $name:literal, $formula:literal, $source:literal,
        [$($param:ident: $range:ident = $default:expr),*],
        $(like $library:literal [$($own:ident = $value:expr),*],)*
        |$x:ident| $derivative:expr
        $(, vanishes $vanishes:expr)?
        $(, primitive |$px:ident| $primitive:expr)?
    ) => {
        $crate::surrogate::row::Row {
            name: $name,
            formula: $formula,
            source: $source,
            params: &[$($crate::surrogate::row::SurrogateParam {
                name: stringify!($param),
                default: $default,
                range: $crate::definition::Range::$range,
                count: None,
            }),*],
            libraries: &[$(($library, &[$((stringify!($own), $value)),*])),*],
            derivative: {
                #[allow(unused_variables, non_snake_case)]
                fn derivative($x: Sym, params: &[Sym], _: &[f64]) -> Sym {
                    let [$($param),*] = *params else { unreachable!("one node per parameter") };
                    $derivative
                }
                derivative
            },
            vanishes: surrogate!(@vanishes [$($param),*] $($vanishes)?),
            primitive: surrogate!(@primitive [$($param),*] $(|$px| $primitive)?),
        }
    };
    (@vanishes [$($param:ident),*]) => { None };
    (@vanishes [$($param:ident),*] $vanishes:expr) => {{
        #[allow(unused_variables, non_snake_case)]
        fn vanishes(params: &[f64]) -> bool {
            let [$($param),*] = *params else { unreachable!("one value per parameter") };
            $vanishes
        }
        Some(vanishes as fn(&[f64]) -> bool)
    }};
    (@primitive [$($param:ident),*]) => { None };
    (@primitive [$($param:ident),*] |$x:ident| $primitive:expr) => {{
        #[allow(unused_variables, non_snake_case)]
        fn primitive($x: f64, params: &[f64]) -> f64 {
            let [$($param),*] = *params else { unreachable!("one value per parameter") };
            $primitive
        }
        Some(primitive as fn(f64, &[f64]) -> f64)
    }};
}
