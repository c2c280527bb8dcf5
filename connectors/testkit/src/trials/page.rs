//! The connector's page is generated from its descriptor and in step with it.

use crate::context::Context;
use crate::trial::Findings;
use std::fs;
use std::path::PathBuf;

pub(crate) fn in_step(cx: &Context, _: &str) -> Findings {
    let path = match &cx.kit.page {
        Some(path) => path.clone(),
        None => repository(&cx.kit.root)?.join(format!("docs/reference/konektor-{}.md", cx.descriptor.id)),
    };
    let page = connector_sdk::page::page(&cx.descriptor);
    if cx.kit.update {
        let folder = path.parent().unwrap_or(&path);
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, &page));
        written.map_err(|e| format!("{}: {e}", path.display()))?;
        return Ok(Vec::new());
    }
    Ok(match fs::read_to_string(&path) {
        Ok(text) if text == page => Vec::new(),
        Ok(_) => vec![format!(
            "{} is out of step; UPDATE_GOLDEN=1 rewrites it",
            path.display()
        )],
        Err(_) => vec![format!("{} is missing; UPDATE_GOLDEN=1 writes it", path.display())],
    })
}

/// The folder above the connector that holds the lock file.
fn repository(root: &std::path::Path) -> Result<PathBuf, String> {
    let above = root.ancestors().find(|d| d.join("Cargo.lock").exists());
    above
        .map(PathBuf::from)
        .ok_or("no Cargo.lock above the connector; say where with `.page(…)`".into())
}
