//! What ships beside the binary: alerts and dashboards name only metrics that exist; docker-compose hangs together, opens
//! nothing to the world and runs nobody as root; its configuration is one the gateway takes; the unit is hardened.

use e2e::repo;
use gateway::config::{self, Given, Machine};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Empty when it cannot be read; then whatever is looked for is missing.
fn read(path: &str) -> String {
    std::fs::read_to_string(repo::root().join(path)).unwrap_or_default()
}

/// Null when it is no YAML; then whatever is looked for is missing.
fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap_or_default()
}

/// Names of our metrics in a text, without what a histogram adds.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words
        .filter(|word| word.starts_with("simpul_"))
        .map(|word| {
            let bare = ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|end| word.strip_suffix(end));
            bare.unwrap_or(word).to_owned()
        })
        .collect()
}

#[test]
fn alerts_and_dashboards_name_only_metrics_that_exist() {
    let documented = metrics(&read("docs/metrics.md"));
    let mut expressions = Vec::new();
    for group in yaml("deploy/prometheus/aturan.yml")["groups"].as_array().unwrap() {
        for rule in group["rules"].as_array().unwrap() {
            assert!(rule["annotations"]["summary"].is_string(), "{rule}: no summary");
            expressions.push(rule["expr"].as_str().unwrap().to_owned());
        }
    }
    assert!(expressions.len() >= 8);
    for file in std::fs::read_dir(repo::root().join("deploy/grafana/dashboards")).unwrap() {
        let board: Value = serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
        for panel in board["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().unwrap() {
                expressions.push(target["expr"].as_str().unwrap().to_owned());
            }
        }
    }
    for expression in &expressions {
        let named = metrics(expression);
        assert!(
            !named.is_empty() || expression.starts_with("up{"),
            "{expression} asks for nothing of ours"
        );
        for name in named {
            assert!(
                documented.contains(&name),
                "{name} in `{expression}` is not in docs/metrics.md"
            );
        }
    }
}

#[test]
fn a_metric_that_does_not_exist_is_found() {
    let documented = metrics("| `simpul_lama_seconds` | histogram |");
    let named = metrics("histogram_quantile(0.5, rate(simpul_lama_seconds_bucket[5m])) + simpul_tidak_ada");
    let missing: Vec<&String> = named.difference(&documented).collect();
    assert_eq!(missing, ["simpul_tidak_ada"]);
}

/// What may stand in a file of the Compose specification, as far as ours uses it, and in what form.
fn compose_schema() -> Value {
    let text = json!({"type": "string", "minLength": 1});
    let texts = json!({"type": "array", "items": text});
    let span = json!({"type": "string", "pattern": "^([0-9]+(ms|s|m|h))+$"});
    let words = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let closed = |properties: Value| json!({"type": "object", "additionalProperties": false, "properties": properties});
    let condition = closed(
        json!({"condition": {"enum": ["service_started", "service_healthy", "service_completed_successfully"]}}),
    );
    let service = closed(json!({
        "image": text, "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]}, "read_only": {"type": "boolean"},
        "build": closed(json!({"context": text, "target": text, "dockerfile": text, "args": words})),
        "cap_drop": texts, "security_opt": texts, "environment": words, "network_mode": text, "command": texts,
        "depends_on": {"type": "object", "additionalProperties": condition}, "stop_grace_period": span,
        "volumes": {"type": "array", "items": {"type": "string", "pattern": "^[^:]+:/[^:]+(:ro)?$"}},
        "ports": {"type": "array", "items": {"type": "string", "pattern": "^([0-9.]+:)?[0-9]+:[0-9]+$"}},
        "healthcheck": {
            "type": "object", "required": ["test"], "additionalProperties": false,
            "properties": {
                "test": {"type": "array", "minItems": 2, "prefixItems": [{"enum": ["CMD", "CMD-SHELL"]}], "items": text},
                "interval": span, "timeout": span, "start_period": span, "retries": {"type": "integer", "minimum": 1},
            },
        },
    }));
    json!({
        "type": "object", "required": ["services"], "additionalProperties": false,
        "patternProperties": {"^x-": true},
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
            "services": {"type": "object", "minProperties": 1, "additionalProperties": {"allOf": [
                service, {"anyOf": [{"required": ["image"]}, {"required": ["build"]}]},
            ]}},
            "volumes": {"type": "object"}, "networks": {"type": "object"},
        },
    })
}

#[test]
fn compose_has_the_form_of_its_specification() {
    let schema = jsonschema::validator_for(&compose_schema()).unwrap();
    let whole = yaml("docker-compose.yml");
    let wrong: Vec<String> = schema
        .iter_errors(&whole)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (place, broken) in [
        ("/services/simpul-1/healthchek", json!({"test": ["CMD", "a"]})),
        ("/services/simpul-1/ports", json!(["8080"])),
        ("/services/simpul-1/stop_grace_period", json!("empat puluh")),
        ("/services/postgres/healthcheck/retries", json!(0)),
    ] {
        let mut changed = whole.clone();
        let (parent, name) = place.rsplit_once('/').unwrap();
        changed.pointer_mut(parent).unwrap()[name] = broken;
        assert!(!schema.is_valid(&changed), "{place} is not noticed");
    }
}

#[test]
fn the_image_is_built_locked_from_named_images_and_run_by_nobody_with_a_health_check() {
    let dockerfile = read("Dockerfile").replace("\\\n", " ");
    let lines: Vec<&str> = dockerfile
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let after = |word: &str| -> Vec<&str> {
        lines
            .iter()
            .filter_map(|line| line.strip_prefix(word))
            .map(str::trim)
            .collect()
    };
    let arguments: Vec<(&str, &str)> = after("ARG ")
        .into_iter()
        .filter_map(|one| one.split_once('='))
        .collect();
    for from in after("FROM ") {
        // Every image can be pinned by digest, and is named by a tag that does not move to another version by itself.
        let name = from
            .strip_prefix("${")
            .and_then(|rest| rest.split_once('}'))
            .map(|(name, _)| name);
        let image = arguments
            .iter()
            .find(|(known, _)| Some(*known) == name)
            .map(|(_, image)| *image);
        let tag = image.and_then(|image| image.rsplit_once(':')).map(|(_, tag)| tag);
        assert!(tag.is_some_and(|tag| tag != "latest"), "{from}");
    }
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let toolchain = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    assert!(
        dockerfile.contains(&format!("rust:{toolchain}-")),
        "another toolchain than Cargo.toml's"
    );
    let builds: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.split("&&"))
        .filter(|part| part.contains("cargo build"))
        .collect();
    assert!(
        builds.len() == 2
            && builds
                .iter()
                .all(|build| build.contains("--release") && build.contains("--locked"))
    );
    assert!(
        after("ADD ").is_empty() && after("ENV ").is_empty(),
        "nothing is fetched, nothing secret is baked in"
    );
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    for held in [
        "USER nonroot:nonroot",
        "ENTRYPOINT [\"/simpul\"]",
        "HEALTHCHECK ",
        "STOPSIGNAL SIGTERM",
        "VOLUME [\"/var/lib/simpul\"]",
    ] {
        assert!(
            last.lines().any(|line| line.starts_with(held)),
            "{held} is missing in what runs"
        );
    }
    assert!(
        read(".dockerignore")
            .lines()
            .any(|line| line.trim_end_matches('/') == "target"),
        "the build would be sent along"
    );
}

#[test]
fn compose_hangs_together_and_opens_nothing_to_the_world() {
    let compose = yaml("docker-compose.yml");
    let services = compose["services"].as_object().unwrap();
    let dockerfile = read("Dockerfile");
    let stages: BTreeSet<&str> = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("FROM ")?.split_once(" AS ").map(|(_, stage)| stage))
        .collect();
    let volumes: BTreeSet<&String> = compose["volumes"].as_object().unwrap().keys().collect();
    for wanted in [
        "postgres",
        "simulators",
        "simpul-1",
        "simpul-2",
        "prometheus",
        "grafana",
    ] {
        assert!(services.contains_key(wanted), "no service {wanted}");
    }
    for (name, service) in services {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(text(port).starts_with("127.0.0.1:"), "{name} opens {port} to the world");
        }
        for mount in service["volumes"].as_array().into_iter().flatten() {
            let mount = text(mount);
            let from = mount.split(':').next().unwrap();
            let there = volumes.iter().any(|volume| *volume == from) || repo::root().join(from).exists();
            assert!(there, "{name} mounts {from}, which is not there");
        }
        for other in service["depends_on"].as_object().into_iter().flatten() {
            assert!(services.contains_key(other.0), "{name} waits for {}", other.0);
            if other.1["condition"] == "service_healthy" {
                assert!(
                    services[other.0]["healthcheck"].is_object(),
                    "{} has no health check",
                    other.0
                );
            }
        }
        if let Some(stage) = service["build"]["target"].as_str() {
            assert!(stages.contains(stage), "{name} builds {stage}, which is no stage");
        } else {
            let image = text(&service["image"]);
            let tag = image
                .rsplit_once(':')
                .map(|(_, tag)| tag.to_owned())
                .unwrap_or_default();
            assert!(!tag.is_empty() && tag != "latest", "{name}: {image} is not pinned");
        }
    }
    for node in ["simpul-1", "simpul-2"] {
        assert!(services[node]["healthcheck"].is_object(), "{node} has no health check");
    }
    let last = dockerfile.rsplit("FROM ").next().unwrap();
    assert!(last.contains("USER nonroot"), "the gateway's image runs as root");
}

#[test]
fn the_nodes_of_compose_are_configured_soundly_and_differently() {
    let secrets = [
        ("SIMPUL_JURNAL", "host=postgres user=simpul dbname=simpul"),
        (
            "SIMPUL_KUNCI_INDUK",
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        ),
        ("SIMPUL_SANDBOX_PERPUSTAKAAN_KUNCI", "kunci-simulasi"),
    ];
    let names = ["node-1", "node-2"].map(|node| {
        let path = repo::root().join("deploy/compose").join(node);
        let built = config::from_disk(&path, &Given::new(secrets, Machine), None);
        built
            .unwrap_or_else(|complaints| panic!("{node}: {complaints:?}"))
            .node
            .name
    });
    assert_ne!(names[0], names[1], "two nodes of one name release each other's work");
    let compose = yaml("docker-compose.yml");
    for (name, _) in secrets {
        assert!(
            compose["services"]["simpul-1"]["environment"][name].is_string(),
            "{name} is not given"
        );
    }
}

#[test]
fn the_unit_gives_the_gateway_as_little_as_it_needs() {
    let unit = read("deploy/systemd/simpul.service");
    for line in [
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "MemoryDenyWriteExecute=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "CapabilityBoundingSet=",
        "SystemCallFilter=@system-service",
        "User=simpul",
    ] {
        assert!(unit.lines().any(|found| found == line), "{line} is missing");
    }
    // A stop must be longer than the gateway's own, or systemd kills what it is finishing.
    assert!(unit.contains("TimeoutStopSec=45"));
}
