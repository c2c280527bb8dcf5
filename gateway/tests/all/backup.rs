//! A backup made while the gateway takes calls, restored elsewhere: nothing that was accepted before is missing, the
//! evidence verifies, and work goes on.

use super::*;

#[test]
fn a_backup_made_under_way_restores_elsewhere_with_nothing_missing() {
    let mut world = world();
    let accepted: Vec<String> = (0..20).map(|n| world.reserve(&format!("R-{n}"))).collect();
    let shown = |path: &PathBuf| path.display().to_string();
    let (journal, copy, archive) = (
        world.file("jurnal.sqlite"),
        world.file("cadangan.sqlite"),
        world.file("a.bukti"),
    );
    let keys = world.file("kunci.txt");
    std::fs::write(&keys, world.simpul("evidence key").out).unwrap();
    assert_eq!(world.simpul(&format!("evidence export {}", shown(&archive))).code, 0);
    let check = format!("--kunci {} --json", shown(&keys));
    let verified = world.simpul(&format!("evidence verify {} {check}", shown(&archive)));
    let head = verified.json()["kepala"].as_str().unwrap().to_owned();

    let backup = format!("journal backup --dari {} {} --json", shown(&journal), shown(&copy));
    let (said, later) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| (20..60).map(|n| world.reserve(&format!("R-{n}"))).count());
        (world.simpul(&backup), writing.join().unwrap())
    });
    assert_eq!((said.code, later), (0, 40), "{}", said.out);
    assert!(said.json()["pertukaran"].as_i64().unwrap() >= 20, "{}", said.out);
    assert_eq!(world.simpul(&backup).code, 1, "a backup replaces no file");
    let taken = format!("journal restore {} --ke {}", shown(&copy), shown(&journal));
    assert_eq!(world.simpul(&taken).code, 1, "a running journal is not replaced");

    // Elsewhere, with the keys that were kept apart.
    world.running.take().unwrap().stop();
    let elsewhere = world.file("lain");
    std::fs::create_dir(&elsewhere).unwrap();
    let restored = elsewhere.join("jurnal.sqlite");
    let offline = |arguments: String| {
        let said = Command::new(env!("CARGO_BIN_EXE_simpul"))
            .args(arguments.split(' '))
            .output()
            .unwrap();
        (said.status.code(), String::from_utf8_lossy(&said.stdout).into_owned())
    };
    let done = offline(format!("journal restore {} --ke {}", shown(&copy), shown(&restored)));
    assert_eq!(done.0, Some(0), "{}", done.1);
    for key in ["kunci-induk", "kunci-bukti"] {
        std::fs::copy(world.file(key), elsewhere.join(key)).unwrap();
    }
    let done = offline(format!(
        "evidence verify --journal {} {check} --kepala {head}",
        shown(&restored)
    ));
    assert_eq!(done.0, Some(0), "{}", done.1);

    let file = world.file("simpul.toml");
    let set = std::fs::read_to_string(&file)
        .unwrap()
        .replace(&shown(&journal), &shown(&restored));
    std::fs::write(&file, set).unwrap();
    let built = config::from_disk(&file, &Given::new([("KUNCI", "kunci-simulasi")], Machine), None);
    world.running = Some(wiring::start(built.unwrap_or_else(|complaints| panic!("{complaints:?}"))).unwrap());
    for id in &accepted {
        world.becomes(id, "terkirim");
    }
    // What came after the backup is sent again by its caller, under the same key, and lands once.
    world.reserve("R-59");
    assert_eq!(world.reservations(), 60);
}
