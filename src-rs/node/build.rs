fn main() {
    napi_build::setup();
    // Functions with equal instructions are kept once. Only where rustc's own linker is used, which knows the option.
    let target = std::env::var("TARGET").unwrap_or_default();
    if target == "x86_64-unknown-linux-gnu" && std::env::var_os("RUSTC_LINKER").is_none() {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--icf=all");
    }
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
}
