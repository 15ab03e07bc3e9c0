// Numbers that are the same for the same seed: a run can be had again.

/** Returns `below(limit)`: whole numbers from 0 to limit - 1 (mulberry32). */
export function randomFrom (seed) {
  let state = seed | 0
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) % limit
  }
}

/** One of the entries of a table, each as often as its `weight` says. */
export function weighted (below, table) {
  let ticket = below(table.reduce((sum, { weight }) => sum + weight, 0))
  return table.find(({ weight }) => (ticket -= weight) < 0)
}
