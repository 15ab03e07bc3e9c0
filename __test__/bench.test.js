'use strict'

// The tables of the benches fit together, and their figures are what they are called. Nothing is measured here.

const assert = require('node:assert')
const { before, test } = require('node:test')

let clients, canDo, workloads, targets, programs, report, chart

before(async () => {
  ({ clients, canDo } = await import('../bench/clients.mjs'));
  ({ workloads } = await import('../bench/workloads.mjs'));
  ({ targets } = await import('../bench/targets.mjs'));
  ({ programs } = await import('../bench/clients/tools.mjs'))
  report = await import('../bench/report.mjs')
  chart = await import('../bench/chart.mjs')
})

const workload = { name: 'get-50', title: 'GET', unit: 'request', metrics: ['rate', 'main'] }

// The results of two clients whose rates and times are those of two runs each.
function results () {
  const row = (name, samples) => report.result(workload, { name, like: 'undici 8 request' }, samples)
  return [
    row('dodici request', [{ rate: 400, main: 5 }, { rate: 600, main: 15 }]),
    row('undici 8 request', [{ rate: 200, main: 30 }, { rate: 200, main: 50 }])
  ]
}

test('every client has part in a workload, and every workload is measured with dodici and with undici 8', () => {
  assert.deepStrictEqual(clients.filter((client) => !workloads.some((one) => canDo(client, one))), [])
  for (const one of workloads) {
    const libraries = new Set(clients.filter((client) => canDo(client, one)).map(({ library }) => library))
    assert.ok(libraries.has('dodici') && libraries.has('undici 8'), one.name)
  }
})

test('every target compares clients that have part in its workload, by what that measures', () => {
  for (const { workload, client, against, ...wanted } of targets) {
    const row = workloads.find(({ name }) => name === workload)
    for (const name of [client, against]) assert.ok(canDo(clients.find((one) => one.name === name), row), `${workload}: ${name}`)
    for (const metric of Object.keys(wanted)) assert.ok(row.metrics.includes(metric), `${workload}: ${metric}`)
  }
})

test('every client is compared with a client of undici 8', () => {
  const strangers = clients.filter(({ like }) => clients.find(({ name }) => name === like)?.library !== 'undici 8')
  assert.deepStrictEqual(strangers.map(({ name }) => name), [])
})

test('the median of an even number of runs is between the two in the middle', () => {
  assert.deepStrictEqual(report.spread([4, 1, 3, 2]), { median: 2.5, least: 1, most: 4 })
  assert.deepStrictEqual(report.spread([10, 9, 100]), { median: 10, least: 9, most: 100 })
})

test('a target for the rate is reached from below, and any other from above', () => {
  const found = report.verdicts(results()).filter(({ client }) => client === 'dodici request')
  assert.deepStrictEqual(found.map(({ metric, ratio, isReached }) => [metric, ratio, isReached]), [
    ['rate', 2.5, true],
    ['main', 0.25, false]
  ])
})

test('the table shows the medians, their ranges, and the ratios to undici 8', () => {
  assert.deepStrictEqual(report.table(workload, results()).split('\n'), [
    'get-50: GET',
    '                     requests/s   main µs/request  rate ×  main ×',
    'dodici request    500 (400–600)  10.0 (5.00–15.0)    2.50    0.25',
    'undici 8 request  200 (200–200)  40.0 (30.0–50.0)    1.00    1.00'
  ])
})

test('the latencies of wrk are those of its distribution, and not other shares that end alike', () => {
  const { p50, p99 } = programs.wrk.read(`
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   262.19us  611.64us   8.01ms   94.50%
    Req/Sec     6.91k     1.24k    8.26k    81.99%
  Latency Distribution
     50%  116.00us
     75%  135.00us
     90%  265.00us
     99%    3.41ms
  6883 requests in 1.00s, 1.60MB read
Requests/sec:   6881.20
`)
  assert.deepStrictEqual([p50, p99], [0.116, 3.41])
})

test('the picture of a run has a bar for each client and names the machine and the command', () => {
  const run = {
    command: 'npm run bench -- --rounds 2',
    date: '2026-01-02T03:04:05.678Z',
    machine: { processor: 'A & B', cores: 2, memory: '4.0 GiB', system: 'Linux' },
    node: 'v24.0.0',
    server: { name: 'nginx', version: '1.22.1' },
    versions: { dodici: '0.1.0' },
    rounds: 2,
    seconds: 3,
    results: results()
  }
  const picture = chart.drawn(run, workload)
  assert.strictEqual(picture.match(/<rect class="bar/g).length, 4)
  assert.match(picture, /A &#38; B, 2 cores/)
  assert.match(picture, /npm run bench -- --rounds 2/)
})
