//! The binary `simpul`.

fn main() -> std::process::ExitCode {
    gateway::cli::main()
}
