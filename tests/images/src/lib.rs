//! The Dockerfiles of the engines as the rules for them see them: stages of steps, with what each step is given.

use std::{fs, path::PathBuf};

use parse_dockerfile::{Command, Flag, HealthcheckArguments, Instruction, JsonOrStringArray, Source};

/// A container image of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// IndexTTS-2.
    IndexTts,
    /// Chatterbox.
    Chatterbox,
    /// Sesame CSM-1B.
    Sesame,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::IndexTts, Self::Chatterbox, Self::Sesame];

    /// As its folder, its image and the server call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::IndexTts => "index-tts",
            Self::Chatterbox => "chatterbox",
            Self::Sesame => "sesame",
        }
    }

    /// Where its server listens.
    pub fn port(self) -> u16 {
        match self {
            Self::IndexTts => 5124,
            Self::Chatterbox => 5125,
            Self::Sesame => 5126,
        }
    }

    /// The text of its Dockerfile.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn dockerfile(self) -> String {
        let path = backends().join(self.name()).join("Dockerfile");
        fs::read_to_string(&path).expect("every engine has a Dockerfile")
    }
}

/// The folder of the engines' servers and images.
pub fn backends() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../backends"))
}

/// A Dockerfile.
#[derive(Debug)]
pub struct Image {
    /// Arguments before the first stage: they choose base images.
    pub arguments: Vec<Argument>,
    /// In the order of the file; the last one is what is built.
    pub stages: Vec<Stage>,
}

/// An argument of the build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// What it is called.
    pub name: String,
    /// What it is where nobody says.
    pub default: Option<String>,
}

/// What is between one `FROM` and the next.
#[derive(Debug)]
pub struct Stage {
    /// What later stages call it.
    pub name: String,
    /// The image or stage that it begins with.
    pub base: String,
    /// What is done.
    pub steps: Vec<Step>,
}

/// One instruction.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A script, on one line, with what is mounted for it.
    Run {
        /// The values of `--mount`.
        mounts: Vec<String>,
        /// The script.
        script: String,
    },
    /// Files that come in.
    Copy {
        /// The stage that they come from; nothing: the checkout.
        from: Option<String>,
        /// What is copied.
        sources: Vec<String>,
        /// Where it goes.
        into: String,
    },
    /// An argument of the build.
    Argument(Argument),
    /// Variables of the container, as they are written.
    Environment(String),
    /// Labels, as they are written.
    Label(String),
    /// Who runs what follows.
    User(String),
    /// The command that tells whether the container is well.
    Healthcheck(String),
    /// The port that it listens on.
    Expose(String),
    /// A folder that can be written to.
    Volume(String),
    /// How it is told to stop.
    StopSignal(String),
    /// What is started, word by word; none where a shell would start it.
    Command(Option<Vec<String>>),
    /// Where what follows runs.
    Directory(String),
    /// What no image here has a use for.
    Other(String),
}

impl Image {
    /// Reads a Dockerfile.
    ///
    /// # Panics
    ///
    /// If it is not one.
    pub fn read(text: &str) -> Self {
        let file = parse_dockerfile::parse(text).expect("a Dockerfile");
        let mut image = Self { arguments: Vec::new(), stages: Vec::new() };
        for instruction in &file.instructions {
            match (instruction, image.stages.last_mut()) {
                (Instruction::From(from), _) => image.stages.push(Stage {
                    name: from.as_.as_ref().map(|(_, name)| name.value.to_string()).unwrap_or_default(),
                    base: from.image.value.to_string(),
                    steps: Vec::new(),
                }),
                (Instruction::Arg(argument), None) => {
                    image.arguments.push(Argument::read(&argument.arguments.value));
                }
                (_, None) => panic!("a step before the first stage: {instruction:?}"),
                (_, Some(stage)) => stage.steps.push(Step::read(instruction)),
            }
        }
        image
    }

    /// A stage by its name.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// The stage that becomes the container.
    ///
    /// # Panics
    ///
    /// If there is no stage.
    pub fn last(&self) -> &Stage {
        self.stages.last().expect("a Dockerfile has a stage")
    }

    /// Every script of the file with its mounts.
    pub fn scripts(&self) -> impl Iterator<Item = (&[String], &str)> {
        self.stages.iter().flat_map(Stage::scripts)
    }

    /// Every argument, wherever it stands.
    pub fn every_argument(&self) -> impl Iterator<Item = &Argument> {
        let inner = self.stages.iter().flat_map(|stage| &stage.steps).filter_map(|step| match step {
            Step::Argument(argument) => Some(argument),
            _ => None,
        });
        self.arguments.iter().chain(inner)
    }
}

impl Stage {
    /// Its scripts with their mounts.
    pub fn scripts(&self) -> impl Iterator<Item = (&[String], &str)> {
        self.steps.iter().filter_map(|step| match step {
            Step::Run { mounts, script } => Some((mounts.as_slice(), script.as_str())),
            _ => None,
        })
    }
}

impl Argument {
    fn read(text: &str) -> Self {
        match text.split_once('=') {
            Some((name, default)) => Self { name: name.to_owned(), default: Some(default.to_owned()) },
            None => Self { name: text.to_owned(), default: None },
        }
    }
}

impl Step {
    fn read(instruction: &Instruction<'_>) -> Self {
        match instruction {
            Instruction::Run(run) => Self::Run {
                mounts: run.options.iter().filter_map(|flag| value(flag, "mount")).collect(),
                script: words(&run.arguments).join(" "),
            },
            Instruction::Copy(copy) => Self::Copy {
                from: copy.options.iter().find_map(|flag| value(flag, "from")),
                sources: copy
                    .src
                    .iter()
                    .map(|source| match source {
                        Source::Path(path) => path.value.to_string(),
                        other => format!("{other:?}"),
                    })
                    .collect(),
                into: copy.dest.value.to_string(),
            },
            Instruction::Arg(argument) => Self::Argument(Argument::read(&argument.arguments.value)),
            Instruction::Env(env) => Self::Environment(one_line(&env.arguments.value)),
            Instruction::Label(label) => Self::Label(one_line(&label.arguments.value)),
            Instruction::User(user) => Self::User(user.arguments.value.to_string()),
            Instruction::Healthcheck(check) => Self::Healthcheck(match &check.arguments {
                HealthcheckArguments::Cmd { arguments, .. } => words(arguments).join(" "),
                _ => String::new(),
            }),
            Instruction::Expose(expose) => {
                Self::Expose(expose.arguments.iter().map(|port| port.value.to_string()).collect())
            }
            Instruction::Volume(volume) => Self::Volume(match &volume.arguments {
                JsonOrStringArray::Json(folders) => {
                    folders.value.iter().map(|folder| folder.value.to_string()).collect()
                }
                JsonOrStringArray::String(folders) => {
                    folders.iter().map(|folder| folder.value.to_string()).collect()
                }
            }),
            Instruction::Stopsignal(signal) => Self::StopSignal(signal.arguments.value.to_string()),
            Instruction::Cmd(command) => Self::Command(match &command.arguments {
                Command::Exec(_) => Some(words(&command.arguments)),
                _ => None,
            }),
            Instruction::Workdir(folder) => Self::Directory(folder.arguments.value.to_string()),
            other => Self::Other(format!("{other:?}")),
        }
    }
}

/// The value of a flag, if it is the one that is asked for.
fn value(flag: &Flag<'_>, name: &str) -> Option<String> {
    (flag.name.value == name).then(|| flag.value.as_ref().map(|value| value.value.to_string())).flatten()
}

/// The words of a command; a script of a shell is one, on one line.
fn words(command: &Command<'_>) -> Vec<String> {
    match command {
        Command::Exec(words) => words.value.iter().map(|word| word.value.to_string()).collect(),
        Command::Shell(script) => vec![one_line(script.value)],
        _ => Vec::new(),
    }
}

fn one_line(text: &str) -> String {
    text.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}
