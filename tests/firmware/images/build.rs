//! Links the images with the script of cortex-m-rt. Here and not in a `.cargo/config.toml`, which cargo would find only
//! when called from below it.

fn main() {
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");
}
