//! Programs from PyPI, each in an environment of its own under the target folder.

use std::fs;

use anyhow::{Context, Result};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};

use crate::process;

/// Makes an environment in `folder` with what `requirements` lists, unless it is there with the versions asked for, and
/// says where its `program` is.
pub(crate) fn ensure(program: &str, requirements: &Utf8Path, folder: &Utf8Path) -> Result<Utf8PathBuf> {
    let wanted = fs::read(requirements).with_context(|| format!("{requirements} is missing"))?;
    let environment = folder.join("venv");
    let installed = environment.join("bin").join(program);
    let stamp = environment.join("installed.txt");
    if installed.exists() && fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(installed);
    }
    println!("      installing {program} from PyPI (about a minute, once)");
    fs::create_dir_all(folder).with_context(|| format!("cannot make {folder}"))?;
    let make = ["-m", "venv", "--clear", environment.as_str()];
    process::quiet(&mut process::command("python3", &make)).with_context(|| {
        format!("{program} needs Python 3.10 or newer with venv: `apt-get install python3 python3-venv`")
    })?;
    let pip = environment.join("bin/pip");
    let install =
        ["install", "--quiet", "--disable-pip-version-check", "--requirement", requirements.as_str()];
    process::quiet(&mut process::command(pip.as_str(), &install)).with_context(|| {
        format!(
            "{program} from PyPI is needed and could not be installed. Is the network there? Behind a mirror or a \
             proxy, set PIP_INDEX_URL or HTTPS_PROXY; without either, put the packages of {requirements} into a folder \
             and set PIP_NO_INDEX=1 PIP_FIND_LINKS=<folder>"
        )
    })?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {stamp}"))?;
    Ok(installed)
}
