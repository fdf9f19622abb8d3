//! How many stories are told, and from which seed: a story that fails is told again by its own.

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestCaseResult, TestError, TestRng, TestRunner},
};

use super::deeds::{Story, stories};

/// The seed of the first story; each of those after it has the next number. By chance, unless it is set.
const SEED: &str = "ARGOSY_MODEL_SEED";
/// How many stories are told.
const RUNS: &str = "ARGOSY_MODEL_RUNS";
const RUNS_USUAL: u64 = 10_000;
/// How many are told at once: enough to share the commits of the database, few enough that none waits for long.
const AT_ONCE: u64 = 64;
/// How long a story that fails is made shorter, in milliseconds.
const SHORTENING_MS: u32 = 30_000;

pub(super) struct Runs {
    pub(super) runs: u64,
    seed: u64,
}

impl Runs {
    pub(super) fn from_environment() -> Self {
        Self { runs: number(RUNS).unwrap_or(RUNS_USUAL), seed: number(SEED).unwrap_or_else(rand::random) }
    }

    /// The seeds of those that are told at once, after so many.
    pub(super) fn seeds(&self, told: u64) -> impl Iterator<Item = u64> {
        let first = self.seed;
        (told..self.runs.min(told + AT_ONCE)).map(move |number| first.wrapping_add(number))
    }
}

#[expect(clippy::disallowed_methods, reason = "said by whoever runs the test, not a setting of the store")]
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name} is {text:?}: {error}")))
}

fn runner(seed: u64) -> TestRunner {
    let config = Config { failure_persistence: None, max_shrink_time: SHORTENING_MS, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

fn tree(runner: &mut TestRunner) -> impl ValueTree<Value = Story> + use<> {
    stories().new_tree(runner).expect("nothing is filtered out")
}

/// The story of a seed, always the same.
pub(super) fn story(seed: u64) -> Story {
    tree(&mut runner(seed)).current()
}

/// The shortest story like that of a seed that fails by itself, with what is wrong; none if it doesn't.
pub(super) fn shortened(seed: u64, tell: impl Fn(Story) -> TestCaseResult) -> Option<(Story, String)> {
    let mut runner = runner(seed);
    let tree = tree(&mut runner);
    match runner.run_one(tree, tell) {
        Err(TestError::Fail(reason, story)) => Some((story, reason.message().to_owned())),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
        Ok(_) => None,
    }
}

/// What somebody needs to find out why.
pub(super) fn report(seed: u64, said: &str, alone: Option<(Story, String)>) -> String {
    let again = format!("tell it again with {SEED}={seed} {RUNS}=1");
    if let Some((story, why)) = alone {
        return format!("{why}\n{again}; the shortest like it: {story:#?}");
    }
    let story = story(seed);
    format!("{said}\nalone it went well this time; {again}, or more runs: {story:#?}")
}

#[test]
fn a_seed_tells_the_same_story_again() {
    assert_eq!(format!("{:?}", story(7)), format!("{:?}", story(7)));
    assert_ne!(format!("{:?}", story(7)), format!("{:?}", story(8)));
}

#[test]
fn a_story_that_fails_is_told_again_by_its_own_seed() {
    let runs = Runs { runs: 100, seed: 5 };
    let seeds: Vec<u64> = runs.seeds(AT_ONCE).collect();
    assert_eq!(seeds.len(), 36, "what is left");
    let alone = Runs { runs: 1, seed: seeds[3] };
    assert_eq!(alone.seeds(0).collect::<Vec<_>>(), [seeds[3]]);
    let fails = |story: Story| match story.deeds.len() {
        0..3 => Ok(()),
        deeds => Err(TestCaseError::fail(format!("{deeds} deeds"))),
    };
    let seed = (0..100).find(|&seed| story(seed).deeds.len() > 3).expect("a long one");
    let (shortest, why) = shortened(seed, fails).expect("it fails");
    assert_eq!((shortest.deeds.len(), why.as_str()), (3, "3 deeds"));
    let told = report(seed, "", Some((shortest, why)));
    assert!(told.contains(&format!("{SEED}={seed} {RUNS}=1")), "{told}");
}
