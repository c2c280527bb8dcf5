# Simpul in a container: built with the toolchain of Cargo.toml, run by nobody in an image without shell or package manager.
# To pin by digest: --build-arg RUST_IMAGE=rust@sha256:… --build-arg RUNTIME_IMAGE=gcr.io/distroless/cc-debian12@sha256:…
ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot
FROM ${RUST_IMAGE} AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p gateway --bin simpul \
 && cargo build --release --locked -p simulators --bin simpul-sim \
 && strip target/release/simpul target/release/simpul-sim \
 && mkdir -p /out/data

# The simulators, for trying things out: `--target sim`.
FROM ${RUNTIME_IMAGE} AS sim
COPY --from=build /src/target/release/simpul-sim /simpul-sim
USER nonroot:nonroot
ENTRYPOINT ["/simpul-sim"]

# The gateway; the last stage is what a plain `docker build` makes.
FROM ${RUNTIME_IMAGE} AS gateway
COPY --from=build /src/target/release/simpul /simpul
COPY --from=build --chown=nonroot:nonroot /out/data /var/lib/simpul
USER nonroot:nonroot
VOLUME ["/var/lib/simpul"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["/simpul", "health", "--operator", "http://127.0.0.1:8081"]
ENTRYPOINT ["/simpul"]
CMD ["serve", "--config", "/etc/simpul"]
