//! From which locations an order is served: the fewest, then the nearest.
//!
//! A parcel more costs more than a longer way, so the smallest set of locations that has everything is looked for, and of
//! those of one size the nearest. Sets of up to [`SET_MAX`] of the [`CANDIDATES_MAX`] nearest locations are all tried; an
//! order that needs more is served greedily, by whoever has most of what is missing. Trying every set would take for ever
//! with a few dozen shops, and greed alone sends two parcels where one would do.

use argosy_kernel::{LocationId, VariantId};

use super::{Level, Whereabouts};

/// Locations of a set that is looked for among all sets of its size.
const SET_MAX: usize = 3;
/// Of so many locations all those sets are tried.
const CANDIDATES_MAX: usize = 20;

/// A line of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its index in the request.
    pub(crate) line: usize,
    pub(crate) variant_id: VariantId,
    pub(crate) quantity: i64,
    /// It travels in a parcel.
    pub(crate) is_sent: bool,
}

/// A quantity to take from a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) variant_id: VariantId,
    pub(crate) location_id: LocationId,
    pub(crate) quantity: i64,
    /// Of these, so many are not on hand.
    pub(crate) backordered: i64,
}

/// A line that cannot be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shortage {
    pub(crate) line: usize,
    pub(crate) available: i64,
}

/// A location, what it has of each line, and how far it is.
struct Candidate {
    location_id: LocationId,
    distance: u32,
    priority: i64,
    /// In the order of the lines, never more than is wanted.
    has: Vec<i64>,
}

/// Serves lines from levels, all of them or none.
///
/// What is not sent is served line by line. What no location has is ordered later: at locations that send something
/// anyway as far as they allow it, then at the nearest that do.
///
/// # Errors
/// The lines that cannot be served.
pub(crate) fn allocate(
    wanted: &[Wanted],
    levels: &[Level],
    near: Whereabouts,
) -> Result<Vec<Pick>, Vec<Shortage>> {
    let shortages: Vec<Shortage> = wanted.iter().filter_map(|line| shortage(*line, levels)).collect();
    if !shortages.is_empty() {
        return Err(shortages);
    }
    let sent: Vec<Wanted> = wanted.iter().filter(|line| line.is_sent).copied().collect();
    let mut picks = serve(&sent, levels, near);
    for line in wanted.iter().filter(|line| !line.is_sent) {
        picks.extend(serve(&[*line], levels, near));
    }
    Ok(picks)
}

pub(super) fn of_line(line: Wanted, levels: &[Level]) -> impl Iterator<Item = &Level> {
    levels.iter().filter(move |level| level.variant_id == line.variant_id)
}

fn shortage(line: Wanted, levels: &[Level]) -> Option<Shortage> {
    if of_line(line, levels).any(Level::is_unlimited) {
        return None;
    }
    let available = of_line(line, levels).fold(0_i64, |sum, level| sum.saturating_add(level.room()));
    (available < line.quantity).then_some(Shortage { line: line.line, available })
}

/// Where goods go, if that can decide between the locations that hold them: if each says where it is. A shop that gave an
/// address only to the place where buyers collect does not want parcels to leave from there for that.
pub(crate) fn decisive(lines: &[Wanted], levels: &[Level], near: Whereabouts) -> Whereabouts {
    let of_lines = lines.iter().flat_map(|line| of_line(*line, levels));
    let mut places = of_lines.filter(|level| level.is_sellable()).map(|level| level.place);
    if places.all(|place| place.is_known()) { near } else { Whereabouts::default() }
}

/// Serves lines that can be.
fn serve(lines: &[Wanted], levels: &[Level], near: Whereabouts) -> Vec<Pick> {
    let near = decisive(lines, levels, near);
    let candidates = candidates(lines, levels, near);
    let targets: Vec<i64> = lines
        .iter()
        .enumerate()
        .map(|(place, line)| {
            let there = candidates.iter().fold(0_i64, |sum, one| sum.saturating_add(one.has[place]));
            line.quantity.min(there)
        })
        .collect();
    let set = smallest(&candidates, &targets);
    let mut picks = Vec::with_capacity(lines.len());
    for (place, line) in lines.iter().enumerate() {
        let mut of_line = take(*line, place, targets[place], &candidates, &set);
        let missing = line.quantity - targets[place];
        if missing > 0 {
            order_later(&mut of_line, *line, missing, levels, &candidates, &set);
        }
        picks.extend(of_line);
    }
    picks
}

/// The locations that hold any of the lines, the nearest first, of those as far by priority.
fn candidates(lines: &[Wanted], levels: &[Level], near: Whereabouts) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        for level in of_line(*line, levels) {
            let has = if level.tracked { level.available().min(line.quantity) } else { line.quantity };
            let known = candidates.iter_mut().find(|known| known.location_id == level.location_id);
            if let Some(known) = known {
                known.has[place] = has;
                continue;
            }
            let mut all = vec![0; lines.len()];
            all[place] = has;
            candidates.push(Candidate {
                location_id: level.location_id,
                distance: near.distance_of(&level.place).as_u32(),
                priority: level.priority,
                has: all,
            });
        }
    }
    candidates.sort_by_key(|one| (one.distance, one.priority, one.location_id));
    candidates
}

/// Which candidates send something, the nearest first.
fn smallest(candidates: &[Candidate], targets: &[i64]) -> Vec<usize> {
    if targets.iter().all(|target| *target == 0) {
        return Vec::new();
    }
    let tried = candidates.len().min(CANDIDATES_MAX);
    for size in 1..=SET_MAX.min(tried) {
        let mut best: Option<(u32, Vec<usize>)> = None;
        for_each_set(tried, size, &mut |set| {
            if !covers(set, candidates, targets) {
                return;
            }
            let far = set.iter().map(|index| candidates[*index].distance).sum();
            if best.as_ref().is_none_or(|(least, _)| far < *least) {
                best = Some((far, set.to_vec()));
            }
        });
        if let Some((_, set)) = best {
            return set;
        }
    }
    greedy(candidates, targets)
}

/// Sets of so many of the first `count` numbers, in order.
fn for_each_set(count: usize, size: usize, visit: &mut impl FnMut(&[usize])) {
    let mut set: Vec<usize> = (0..size).collect();
    loop {
        visit(&set);
        // The last number that can still grow, and all after it close behind.
        let Some(place) = (0..size).rev().find(|place| set[*place] < count - size + place) else { return };
        set[place] += 1;
        for later in place + 1..size {
            set[later] = set[later - 1] + 1;
        }
    }
}

fn covers(set: &[usize], candidates: &[Candidate], targets: &[i64]) -> bool {
    targets.iter().enumerate().all(|(place, target)| {
        set.iter().fold(0_i64, |sum, index| sum.saturating_add(candidates[*index].has[place])) >= *target
    })
}

/// One location after the other, each the one that has most of what is still missing.
fn greedy(candidates: &[Candidate], targets: &[i64]) -> Vec<usize> {
    let mut missing = targets.to_vec();
    let mut set = Vec::new();
    while missing.iter().any(|units| *units > 0) {
        let helps = |index: &usize| {
            let has = candidates[*index].has.iter().zip(&missing);
            has.fold(0_i64, |sum, (has, missing)| sum.saturating_add((*has).min(*missing)))
        };
        let left = (0..candidates.len()).filter(|index| !set.contains(index));
        // Of those that help as much the first, which is the nearest.
        let Some(best) = left.rev().max_by_key(helps) else { break };
        for (missing, has) in missing.iter_mut().zip(&candidates[best].has) {
            *missing = (*missing - has).max(0);
        }
        set.push(best);
    }
    set.sort_unstable();
    set
}

fn pick(line: Wanted, location_id: LocationId, quantity: i64, backordered: i64) -> Pick {
    Pick { variant_id: line.variant_id, location_id, quantity, backordered }
}

/// Takes a line's units: from the first location of the set that has them all, else from one after the other.
fn take(line: Wanted, place: usize, target: i64, candidates: &[Candidate], set: &[usize]) -> Vec<Pick> {
    let has = |index: usize| candidates[index].has[place];
    if target == 0 {
        return Vec::new();
    }
    if let Some(whole) = set.iter().find(|index| has(**index) >= target) {
        return vec![pick(line, candidates[*whole].location_id, target, 0)];
    }
    let mut missing = target;
    let mut picks = Vec::new();
    for index in set {
        let taken = has(*index).min(missing);
        if taken > 0 {
            picks.push(pick(line, candidates[*index].location_id, taken, 0));
            missing -= taken;
        }
    }
    picks
}

/// Adds what is ordered later, at as few locations as allow it.
fn order_later(
    picks: &mut Vec<Pick>,
    line: Wanted,
    missing: i64,
    levels: &[Level],
    candidates: &[Candidate],
    set: &[usize],
) {
    let spare = |index: usize| {
        let location = candidates[index].location_id;
        let level = of_line(line, levels).find(|level| level.location_id == location && level.backorder);
        level.map_or(0, |level| level.room().saturating_sub(level.available()))
    };
    let others = (0..candidates.len()).filter(|index| !set.contains(index));
    let in_turn: Vec<usize> = set.iter().copied().chain(others).filter(|index| spare(*index) > 0).collect();
    let mut missing = missing;
    // One that takes it all, else one after the other.
    let whole = in_turn.iter().copied().find(|index| spare(*index) >= missing);
    for index in whole.map_or(in_turn, |index| vec![index]) {
        let (location, ordered) = (candidates[index].location_id, spare(index).min(missing));
        missing -= ordered;
        match picks.iter_mut().find(|pick| pick.location_id == location) {
            Some(pick) => {
                pick.quantity += ordered;
                pick.backordered = ordered;
            }
            None if ordered > 0 => picks.push(pick(line, location, ordered, ordered)),
            None => {}
        }
    }
}
