#!/usr/bin/env node
// Draws a run that was written with --json as a picture for a page, and writes nothing but what is in the run.
//
//   npm run bench:chart -- [FROM] [TO] [--workload NAME]     docs/bench/run.json, docs/bench/chart.svg, get-50

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { figure } from './report.mjs'
import { workloadNamed } from './workloads.mjs'

const WIDTH = 880
const MARGIN = 24
const ROW = 22
const HEAD = 84
const LABEL = 132
const VALUE = 64
const PANEL = (WIDTH - 3 * MARGIN) / 2
const BAR = PANEL - LABEL - VALUE

const PANELS = [
  { metric: 'main', title: (unit) => `main-thread CPU, µs per ${unit}: less is better`, order: (a, b) => a - b },
  { metric: 'rate', title: (unit) => `${unit === 'MB' ? 'MB' : 'requests'} per second: more is better`, order: (a, b) => b - a }
]

const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #24292f }
    .title { font-size: 16px; font-weight: 600 }
    .name { text-anchor: end }
    .own { font-weight: 600 }
    .note { font-size: 10.5px; fill: #57606a }
    .bar { fill: #8c959f }
    .own.bar { fill: #0969da }
    .range { stroke: #24292f; stroke-width: 1 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .note { fill: #9198a1 }
      .bar { fill: #656c76 }
      .own.bar { fill: #4493f8 }
      .range { stroke: #e6edf3 }
    }`

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

function bar ({ client, figures }, metric, scale, top) {
  const { median, least, most } = figures[metric]
  const [length, from, to] = [median, least, most].map((value) => Number((value * scale).toFixed(1)))
  const own = client.startsWith('dodici') ? ' own' : ''
  const middle = top + ROW / 2
  return `
    <text class="name${own}" x="${LABEL - 8}" y="${middle + 4}">${escaped(client)}</text>
    <rect class="bar${own}" x="${LABEL}" y="${top + 3}" width="${length}" height="${ROW - 6}"/>
    <path class="range" d="M${LABEL + from} ${middle}H${LABEL + to}"/>
    <text x="${LABEL + to + 6}" y="${middle + 4}">${figure(median)}</text>`
}

function panel ({ metric, title, order }, results, unit, left) {
  const rows = results.filter(({ figures }) => figures[metric]).sort((a, b) => order(a.figures[metric].median, b.figures[metric].median))
  const scale = BAR / Math.max(...rows.map(({ figures }) => figures[metric].most))
  return `
  <g transform="translate(${left} ${HEAD})">
    <text y="-10">${escaped(title(unit))}</text>${rows.map((row, index) => bar(row, metric, scale, index * ROW)).join('')}
  </g>`
}

// So many words to a line as fit.
function lines (text, length) {
  return text.split(' ').reduce((all, word) => {
    const last = all.at(-1)
    return last !== undefined && last.length + word.length < length ? [...all.slice(0, -1), `${last} ${word}`] : [...all, word]
  }, [])
}

/**
 * @param {object} run what --json wrote
 * @param {object} workload the one that is drawn
 * @returns {string} an SVG document
 */
export function drawn (run, workload) {
  const results = run.results.filter((one) => one.workload === workload.name)
  if (results.length === 0) throw new Error(`the run has no ${workload.name}`)
  const { machine, node, server, versions } = run
  const known = Object.entries(versions).map(([name, version]) => `${name.replace(/ \d+$/, '')} ${version}`)
  const notes = [
    `${machine.processor}, ${machine.cores} cores, ${machine.memory}, ${machine.system}. Node.js ${node}, ${server.name} ${server.version}, ${known.join(', ')}.`,
    `Medians of ${run.rounds} rounds of ${run.seconds} s; the lines are from the least to the most. ${run.date.slice(0, 10)}: ${run.command}`
  ].flatMap((text) => lines(text, 150))
  const bottom = HEAD + results.length * ROW + MARGIN
  const height = bottom + notes.length * 15 + 8
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">
  <title>${escaped(workload.title)}</title>
  <style>${STYLE}
  </style>
  <text class="title" x="${MARGIN}" y="34">${escaped(workload.title)}</text>` +
    PANELS.map((one, index) => panel(one, results, workload.unit, MARGIN + index * (PANEL + MARGIN))).join('') +
    notes.map((text, index) => `
  <text class="note" x="${MARGIN}" y="${bottom + index * 15}">${escaped(text)}</text>`).join('') + `
</svg>
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { workload: { type: 'string', default: 'get-50' } } })
  const [from = 'docs/bench/run.json', to = 'docs/bench/chart.svg'] = positionals
  writeFileSync(to, drawn(JSON.parse(readFileSync(from, 'utf8')), workloadNamed(values.workload)))
}
