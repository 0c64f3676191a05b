use std::path::Path;

fn main() {
    // napi-derive writes the types into this folder but does not make it (see .cargo/config.toml).
    if let Ok(folder) = std::env::var("NAPI_TYPE_DEF_TMP_FOLDER") {
        let _ = std::fs::create_dir_all(Path::new(&folder));
    }
    napi_build::setup();
}
