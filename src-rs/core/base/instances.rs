//! Generic functions that are compiled once for f32 and once for f64, in the crate that defines them. Otherwise the compiler
//! emits a generic function in every crate that calls it, which made the last crate of the build the slowest one.

/// Declares, in a separate module, what [`instantiated!`](crate::instantiated) needs for functions that are generic over a
/// trait `Bound` of f32 and f64.
#[macro_export]
macro_rules! instances {
    ($(#[$doc:meta])* $visibility:vis mod $name:ident for $bound:path) => {
        $(#[$doc])*
        $visibility mod $name {
            pub use $bound as Bound;

            /// A pair of functions, one per precision.
            pub trait Function {
                type Arguments<F: Bound>;
                type Output<F: Bound>;
                fn f32(arguments: Self::Arguments<f32>) -> Self::Output<f32>;
                fn f64(arguments: Self::Arguments<f64>) -> Self::Output<f64>;
            }

            /// Calls the function of this precision.
            pub trait Precise: Sized {
                fn call<T: Function>(arguments: T::Arguments<Self>) -> T::Output<Self>
                where
                    Self: Bound;
            }

            impl Precise for f32 {
                #[inline(always)]
                fn call<T: Function>(arguments: T::Arguments<f32>) -> T::Output<f32> {
                    T::f32(arguments)
                }
            }

            impl Precise for f64 {
                #[inline(always)]
                fn call<T: Function>(arguments: T::Arguments<f64>) -> T::Output<f64> {
                    T::f64(arguments)
                }
            }
        }
    };
}

/// The body of a public function that is generic over a precision `F`: calls a private function whose code for f32 and for f64 is in this crate.
///
/// `instantiated!(instances::of::a::crate, 'a => Type::private(x: &'a mut Type<F>, y: u64) -> Result<()>)` calls `Type::private(x, y)`; lifetimes are
/// written out.
#[macro_export]
macro_rules! instantiated {
    ($($module:ident)::+, $($life:lifetime),* => $function:path as ($($argument:ident: $type:ty = $value:expr),* $(,)?) -> $output:ty) => {{
        struct Here<$($life),*>($(std::marker::PhantomData<&$life ()>),*);
        impl<$($life),*> $($module)::+::Function for Here<$($life),*> {
            type Arguments<F: $($module)::+::Bound> = ($($type,)*);
            type Output<F: $($module)::+::Bound> = $output;

            #[inline(never)]
            fn f32(($($argument,)*): Self::Arguments<f32>) -> Self::Output<f32> {
                $function($($argument),*)
            }

            #[inline(never)]
            fn f64(($($argument,)*): Self::Arguments<f64>) -> Self::Output<f64> {
                $function($($argument),*)
            }
        }
        <F as $($module)::+::Precise>::call::<Here>(($($value,)*))
    }};
}
