// The workloads, as a table. A row says which call of a client it makes, for what, how many at a time over how many
// connections, what is counted, and which figures come of it. Nothing here measures.
//
//   call         which call of a client makes one of them: the names are those in clients/
//   path         what is asked for; octets: how many octets of content the answer must have, where the client sees them
//   concurrency  calls at a time            connections  at most so many to the server       pipelining  requests on each
//   unit         what the rate and the CPU time are per: a request, or a MB (1,000,000 octets)
//   work         µs of JavaScript that the program does for each answer
//   kind         calls: for some seconds · idle: one call on each connection, which then stays · loading: `require`

const MIB = 1024 * 1024

/** The sizes of what the server has. */
export const SIZES = { small: 100, medium: 64 * 1024, large: 100 * MIB }

const SMALL = { call: 'get', path: '/small.json', octets: SIZES.small, concurrency: 50, connections: 50 }
const LARGE = { path: '/large', octets: SIZES.large, unit: 'MB', concurrency: 1, connections: 1 }

const CALLS = ['rate', 'main', 'process', 'p50', 'p99', 'rss', 'server']

const ROWS = [
  { name: 'get-1', title: 'GET of 100 octets of JSON, one at a time', ...SMALL, concurrency: 1 },
  { name: 'get-50', title: 'GET of 100 octets of JSON, 50 at a time on 50 connections', ...SMALL },
  { name: 'get-500', title: 'GET of 100 octets of JSON, 500 at a time on 50 connections', ...SMALL, concurrency: 500 },
  { name: 'pipelining', title: 'GET of 100 octets of JSON, 500 at a time on 50 connections, 10 on each', ...SMALL, concurrency: 500, pipelining: 10 },
  { name: 'post', title: 'POST of 1 KiB, 50 at a time on 50 connections', ...SMALL, call: 'post', path: '/post', sent: 1024 },
  { name: 'get-64k', title: 'GET of 64 KiB of JSON, 50 at a time on 50 connections', ...SMALL, path: '/medium.json', octets: SIZES.medium },
  { name: 'work', title: 'GET of 100 octets of JSON, 50 at a time, and 20 µs of JavaScript for each', ...SMALL, work: 20 },
  { name: 'download', title: 'Download of 100 MiB, by async iteration', ...LARGE, call: 'iterate' },
  { name: 'download-dump', title: 'Download of 100 MiB, by dump()', ...LARGE, call: 'dump' },
  { name: 'download-data', title: 'Download of 100 MiB, by the data callback of dispatch()', ...LARGE, call: 'data' },
  { name: 'download-file', title: 'Download of 100 MiB, into a file', ...LARGE, call: 'file' },
  { name: 'upload', title: 'Upload of 100 MiB from a stream', ...LARGE, call: 'upload', path: '/upload', octets: SIZES.small, sent: SIZES.large },
  { name: 'https-get-50', title: 'GET of 100 octets of JSON over TLS, 50 at a time on 50 connections', ...SMALL, isSecure: true },
  { name: 'https-download', title: 'Download of 100 MiB over TLS, by async iteration', ...LARGE, call: 'iterate', isSecure: true },
  {
    name: 'idle',
    title: 'Memory at 5,000 idle connections',
    ...SMALL,
    kind: 'idle',
    path: '/',
    concurrency: 5000,
    connections: 5000,
    metrics: ['connection']
  },
  { name: 'require', title: 'Time of require() in a new process', kind: 'loading', repeats: 5, metrics: ['load', 'rss'] }
]

/** The workloads, in the order in which they run. */
export const workloads = ROWS.map((row) => ({
  kind: 'calls', unit: 'request', pipelining: 1, work: 0, sent: 0, repeats: 1, isSecure: false, metrics: CALLS, ...row
}))

/**
 * @param {string} name
 * @returns {object} the workload of that name
 */
export function workloadNamed (name) {
  return workloads.find((workload) => workload.name === name)
}
