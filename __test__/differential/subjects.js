'use strict'

// Who is compared with whom. The references are undici 6, the last that took handlers of the first generation, and
// undici 8, whose behaviour wins where the two differ unless the row says that the document sides with undici 6.

const load = (name) => {
  try {
    return require(name)
  } catch {
    // undici 8 needs a newer Node than we do; undici 6 alone is the reference there.
    return null
  }
}

const six = load('undici6')
const eight = load('undici8')

/** The ways in which a scenario is played: through handlers of either generation, or through the methods above dispatch. */
const generations = (scenario) => scenario.api ? ['api'] : scenario.generations ?? [1, 2]

const subject = (name, library, generation) => ({ name: `${name} (${generation === 'api' ? generation : `generation ${generation}`})`, library, generation })

/** How the references play a scenario; `null` where one cannot. */
function references (scenario, generation) {
  const own = scenario.apart || generation === 'api' ? generation : null
  return {
    six: (own ?? 1) === 2 || scenario.lacks === 'undici6' ? null : subject('undici6', six, own ?? 1),
    eight: eight === null || scenario.prefers === 'undici6' || own === 1 ? null : subject('undici8', eight, own ?? 2)
  }
}

/** The reference that says what dodici must do, or null when none can be asked on this Node. */
function reference (scenario, generation) {
  const { six, eight } = references(scenario, generation)
  if (scenario.generations?.[0] === 1 && scenario.generations.length === 1) return six
  if (generation === 1 && !scenario.differs) return six ?? eight
  return eight ?? (scenario.differs && scenario.prefers !== 'undici6' ? null : six)
}

module.exports = { generations, load, subject, reference, references, both: eight !== null }
