//! The files of a crate, and which file uses which: an arrow goes to the file that has the thing, not to a file that only
//! passes its name on.

use crate::source::{Import, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The path of a module from its crate's root.
type Module = Vec<String>;

/// Where a path leads.
enum Owner {
    /// To something in this module.
    Of(Module),
    /// To the module itself.
    Itself(Module),
}

pub(crate) struct Crate {
    modules: BTreeMap<Module, Source>,
}

impl Crate {
    /// The files of a folder, without those of tests.
    pub(crate) fn read(folder: &Path) -> Self {
        let of_file = |file: PathBuf| {
            let inside = file.strip_prefix(folder).expect("it was found there").with_extension("");
            let names = inside.iter().map(|name| name.to_str().expect("a plain name").to_owned());
            let mut module: Module = names.collect();
            if ["mod", "lib", "main"].contains(&module.last().expect("a name").as_str()) {
                module.pop();
            }
            let is_test = module.iter().any(|name| name == "tests" || name.ends_with("_tests"));
            (!is_test).then(|| (module, Source::read(&fs::read_to_string(file).expect("a readable file"))))
        };
        Self { modules: files(folder).into_iter().filter_map(of_file).collect() }
    }

    /// Every two modules of which the first uses the second.
    pub(crate) fn arrows(&self) -> BTreeSet<(Module, Module)> {
        let mut arrows = BTreeSet::new();
        for (module, source) in &self.modules {
            let is_used = |import: &&Import| {
                !import.is_public || import.name == "*" || source.names.contains(&import.name)
            };
            let imported =
                source.imports.iter().filter(is_used).map(|import| (&import.path, import.name == "*"));
            let paths = imported.chain(source.paths.iter().map(|path| (path, false)));
            let used = paths.filter_map(|(path, is_glob)| match self.owner(module, path, 0)? {
                Owner::Of(module) => Some(module),
                // What is used of a folder of modules is named elsewhere in the file, unless all its names are taken.
                Owner::Itself(module) => (is_glob || !self.is_folder(&module)).then_some(module),
            });
            arrows.extend(used.filter(|used| used != module).map(|used| (module.clone(), used)));
        }
        arrows
    }

    /// The module that has what a path in `module` leads to, if it is in this crate.
    fn owner(&self, module: &[String], path: &[String], turns: u8) -> Option<Owner> {
        let (mut here, mut rest) = self.start(module, path)?;
        while let [name, behind @ ..] = rest.as_slice() {
            let child = [here.as_slice(), std::slice::from_ref(name)].concat();
            if self.modules.contains_key(&child) {
                (here, rest) = (child, behind.to_vec());
                continue;
            }
            let import = self.modules[&here].imports.iter().find(|import| import.name == *name);
            return match import {
                // Two files that pass a name on to each other do not compile.
                Some(import) if turns < 16 => {
                    self.owner(&here, &[import.path.as_slice(), behind].concat(), turns + 1)
                }
                _ => Some(Owner::Of(here)),
            };
        }
        Some(Owner::Itself(here))
    }

    fn is_folder(&self, module: &Module) -> bool {
        self.modules.keys().any(|other| other.len() > module.len() && other.starts_with(module))
    }

    /// Where a path begins, and what is left of it.
    fn start(&self, module: &[String], path: &[String]) -> Option<(Module, Vec<String>)> {
        let (first, rest) = path.split_first()?;
        let parent = || module.split_last().map(|(_, parent)| parent.to_vec());
        match first.as_str() {
            "crate" => Some((Module::new(), rest.to_vec())),
            "self" => Some((module.to_vec(), rest.to_vec())),
            "super" => match rest.first() {
                Some(next) if next == "super" => self.start(&parent()?, rest),
                _ => Some((parent()?, rest.to_vec())),
            },
            name => {
                let source = &self.modules[module];
                let import = source.imports.iter().find(|import| import.name == *name && import.path != path);
                let child = [module, std::slice::from_ref(first)].concat();
                match import {
                    Some(import) if import.path.first() != Some(first) => {
                        self.start(module, &[import.path.as_slice(), rest].concat())
                    }
                    _ if self.modules.contains_key(&child) => Some((child, rest.to_vec())),
                    _ => None,
                }
            }
        }
    }

    /// The circles: groups of modules each of which leads to every other one of its group.
    pub(crate) fn circles(&self) -> Vec<Vec<String>> {
        let arrows = self.arrows();
        let reached: BTreeMap<&Module, BTreeSet<&Module>> =
            self.modules.keys().map(|module| (module, reached_from(module, &arrows))).collect();
        let circle_of = |module: &Module| {
            let circle = reached[module].iter().filter(|other| reached[*other].contains(module));
            circle.map(|other| other.join("::")).collect::<Vec<_>>()
        };
        let circles: BTreeSet<_> = self.modules.keys().map(circle_of).collect();
        circles.into_iter().filter(|circle| !circle.is_empty()).collect()
    }
}

fn reached_from<'a>(from: &Module, arrows: &'a BTreeSet<(Module, Module)>) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(module) = next.pop() {
        let ends = arrows.iter().filter(|(start, _)| start == module).map(|(_, end)| end);
        next.extend(ends.filter(|end| reached.insert(*end)).collect::<Vec<_>>());
    }
    reached
}

/// All source files of a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.append(&mut self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> Crate {
        let split =
            |name: &str| name.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Crate { modules: files.iter().map(|(name, text)| (split(name), Source::read(text))).collect() }
    }

    fn arrows_of(files: &[(&str, &str)]) -> Vec<String> {
        let arrows = crate_of(files).arrows();
        arrows.iter().map(|(from, to)| format!("{} {}", from.join("::"), to.join("::"))).collect()
    }

    #[test]
    fn every_way_to_name_a_thing_is_an_arrow_to_the_file_that_has_it() {
        let ways = [
            "use crate::room::b::B;",
            "use crate::{x::Y, room::{b::B, Z}};",
            "use super::b::B;",
            "use super::B;",
            "use crate::B;",
            "use crate::room; fn f(b: room::B) {}",
            "use crate::room::b; fn f(b: b::B) {}",
            "fn f() { crate::room::b::B::new() }",
            "fn f() { super::super::room::B::new() }",
            "use super::b::*;",
        ];
        for way in ways {
            let files = [
                ("", "pub use room::B;"),
                ("x", "pub struct Y;"),
                ("room", "pub use b::B; pub struct Z;"),
                ("room::a", way),
                ("room::b", "pub struct B;"),
            ];
            let arrows = arrows_of(&files);
            assert!(arrows.contains(&"room::a room::b".to_owned()), "{way}: {arrows:?}");
            assert!(arrows.iter().all(|arrow| arrow.starts_with("room::a ")), "{way}: {arrows:?}");
        }
    }

    #[test]
    fn a_name_that_is_passed_on_is_no_arrow_unless_it_is_used_too() {
        let others = ("room::b", "pub struct B;");
        assert_eq!(arrows_of(&[("", ""), ("room", "pub use b::B;"), others]), [] as [&str; 0]);
        assert_eq!(arrows_of(&[("", ""), ("room", "pub use b::B; fn f(b: B) {}"), others]), ["room room::b"]);
        assert_eq!(arrows_of(&[("", ""), ("room", "fn f(b: b::B) {}"), others]), ["room room::b"]);
        assert_eq!(
            arrows_of(&[("", ""), ("room", "use std::fmt; fn f(b: fmt::B) {}"), others]),
            [] as [&str; 0]
        );
    }

    #[test]
    fn all_names_of_a_folder_are_an_arrow_to_it() {
        let files = [("", ""), ("room", "pub struct Z;"), ("room::a", "use super::*;")];
        assert_eq!(arrows_of(&files), ["room::a room"]);
    }

    #[test]
    fn a_circle_is_found_however_long_it_is() {
        let files = [
            ("a", "use crate::b::B;"),
            ("b", "use crate::c::C;"),
            ("c", "use crate::a::A;"),
            ("d", "use crate::a::A;"),
            ("", ""),
        ];
        assert_eq!(crate_of(&files).circles(), [["a", "b", "c"]]);
        assert_eq!(crate_of(&files[1..]).circles(), [] as [Vec<String>; 0]);
    }
}
