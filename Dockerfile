# Simpul in a container: built with the toolchain of Cargo.toml, run by nobody in an image without shell or package manager.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked -p gateway --bin simpul \
 && cargo build --release --locked -p simulators --bin simpul-sim \
 && strip target/release/simpul target/release/simpul-sim \
 && mkdir -p /out/data

# The simulators, for trying things out: `--target sim`.
FROM gcr.io/distroless/cc-debian12:nonroot AS sim
COPY --from=build /src/target/release/simpul-sim /simpul-sim
USER nonroot:nonroot
ENTRYPOINT ["/simpul-sim"]

# The gateway; the last stage is what a plain `docker build` makes.
FROM gcr.io/distroless/cc-debian12:nonroot AS gateway
COPY --from=build /src/target/release/simpul /simpul
COPY --from=build --chown=nonroot:nonroot /out/data /var/lib/simpul
USER nonroot:nonroot
VOLUME ["/var/lib/simpul"]
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/simpul"]
CMD ["serve", "--config", "/etc/simpul"]
