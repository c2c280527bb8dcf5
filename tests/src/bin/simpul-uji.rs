//! `simpul` for tests that end it: the product's own command line, nothing else.

fn main() -> std::process::ExitCode {
    gateway::cli::main()
}
