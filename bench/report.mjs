// What a run says: medians with the least and the most, ratios, targets; as data and as text. Nothing is measured here.

import { isReached, targets } from './targets.mjs'

// What each is called at the head of a column, and in few words.
const METRICS = {
  rate: { title: ({ unit }) => unit === 'MB' ? 'MB/s' : 'requests/s', short: 'rate' },
  main: { title: ({ unit }) => `main µs/${unit}`, short: 'main' },
  process: { title: ({ unit }) => `process µs/${unit}`, short: 'process' },
  p50: { title: () => 'p50 ms', short: 'p50' },
  p99: { title: () => 'p99 ms', short: 'p99' },
  rss: { title: () => 'RSS MiB', short: 'RSS' },
  server: { title: () => 'server %', short: 'server' },
  connection: { title: () => 'KiB/connection', short: 'memory' },
  load: { title: () => 'ms', short: 'time' }
}

// What the ratio of is worth a column in the table of a workload.
const COMPARED = ['rate', 'main', 'process', 'connection', 'load']

/** @returns {{ median: number, least: number, most: number }} of some numbers */
export function spread (values) {
  const sorted = values.slice().sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, least: sorted[0], most: sorted.at(-1) }
}

/**
 * What one client did in one workload.
 *
 * @param {object} workload
 * @param {object} client
 * @param {object[]} samples the figures of each run, by the names of the metrics
 */
export function result (workload, client, samples) {
  const figures = {}
  for (const metric of workload.metrics) {
    const values = samples.map((sample) => sample[metric]).filter((value) => value !== undefined)
    if (values.length > 0) figures[metric] = spread(values)
  }
  return { workload: workload.name, unit: workload.unit, client: client.name, like: client.like, figures, samples }
}

/** The ratio of two results' medians; undefined when one has none. */
export function ratio (result, reference, metric) {
  const [own, other] = [result, reference].map((one) => one?.figures[metric]?.median)
  return own === undefined || other === undefined ? undefined : own / other
}

/**
 * What became of the targets that the results have an answer for.
 *
 * @param {object[]} results
 * @returns {object[]} workload, client, against, metric, ratio, wanted, isReached
 */
export function verdicts (results) {
  const find = (workload, client) => results.find((one) => one.workload === workload && one.client === client)
  return targets.flatMap(({ workload, client, against, ...wanted }) => {
    const pair = [find(workload, client), find(workload, against)]
    return Object.entries(wanted).flatMap(([metric, bound]) => {
      const found = ratio(...pair, metric)
      if (found === undefined) return []
      return { workload, client, against, metric, ratio: found, wanted: bound, isReached: isReached(metric, found, bound) }
    })
  })
}

/** A number with as many digits as mean something. */
export function figure (value) {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3)
}

// Rows of cells under each other; the first column to the left, the others to the right.
function columns (rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) => {
    return row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])).join('  ').trimEnd()
  })
}

/**
 * The table of one workload.
 *
 * @param {object} workload
 * @param {object[]} results those of this workload
 * @returns {string}
 */
export function table (workload, results) {
  const reference = (one) => results.find(({ client }) => client === one.like) ??
    results.find(({ client }) => client === 'undici 8 request')
  const compared = COMPARED.filter((metric) => workload.metrics.includes(metric))
  const head = ['', ...workload.metrics.map((metric) => METRICS[metric].title(workload)), ...compared.map((metric) => `${METRICS[metric].short} ×`)]
  const rows = results.map((one) => {
    const cells = workload.metrics.map((metric) => {
      const { median, least, most } = one.figures[metric] ?? {}
      if (median === undefined) return '–'
      return one.samples.length === 1 ? figure(median) : `${figure(median)} (${figure(least)}–${figure(most)})`
    })
    const ratios = compared.map((metric) => ratio(one, reference(one), metric)?.toFixed(2) ?? '–')
    return [one.client, ...cells, ...ratios]
  })
  return [`${workload.name}: ${workload.title}`, ...columns([head, ...rows])].join('\n')
}

/**
 * The ratios that there are targets for.
 *
 * @param {object[]} results
 * @returns {string} empty if there is none
 */
export function ratios (results) {
  const rows = new Map()
  for (const { workload, client, against, metric, ratio, wanted, isReached } of verdicts(results)) {
    const name = `${workload}: ${client} against ${against}`
    const sign = metric === 'rate' ? '≥' : '≤'
    const cell = `${METRICS[metric].short} ${ratio.toFixed(2)} (${sign} ${wanted}) ${isReached ? 'pass' : 'MISS'}`
    rows.set(name, [...rows.get(name) ?? [], cell])
  }
  if (rows.size === 0) return ''
  const most = Math.max(...[...rows.values()].map((cells) => cells.length))
  const cells = [...rows].map(([name, row]) => [name, ...row, ...Array(most - row.length).fill('')])
  return ['ratios against undici 8, or whom the row names, with the targets', ...columns(cells)].join('\n')
}
