// What dodici is to reach, as data: ratios of one client's median to another's, in one workload. The rate is to be at
// least so much, everything else at most.

const REQUEST = { client: 'dodici request', against: 'undici 8 request' }
const PARSED = { client: 'dodici json', against: 'undici 8 json' }
const DISPATCH = { client: 'dodici dispatch', against: 'undici 8 dispatch' }

const GET_50 = { rate: 2.2, main: 0.2, process: 0.556 }

export const targets = [
  { workload: 'get-50', ...REQUEST, ...GET_50, rss: 0.6 },
  { workload: 'get-50', ...PARSED, ...GET_50 },
  { workload: 'get-50', ...DISPATCH, rate: 1.8, main: 0.2, process: 0.667 },
  { workload: 'get-50', client: 'dodici fetch', against: 'built-in fetch', rate: 1.2, main: 0.8, process: 0.9 },
  { workload: 'get-500', ...REQUEST, rate: 2, main: 0.2, process: 0.625 },
  { workload: 'pipelining', client: 'dodici dispatch', against: 'undici 6 dispatch v1', rate: 1.5, main: 0.25, process: 1 },
  { workload: 'get-1', ...REQUEST, p50: 1, main: 0.5, process: 1 },
  { workload: 'post', ...REQUEST, rate: 2.2, main: 0.25, process: 0.588 },
  { workload: 'get-64k', ...REQUEST, rate: 2, main: 0.25, process: 0.588 },
  { workload: 'work', ...REQUEST, rate: 1.5 },
  { workload: 'download', ...REQUEST, rate: 1.5, main: 0.25, process: 0.833 },
  { workload: 'https-get-50', ...REQUEST, rate: 1.8, main: 0.2, process: 0.769 },
  { workload: 'idle', ...REQUEST, connection: 0.5 },
  { workload: 'require', ...REQUEST, load: 0.2 }
]

/** Beyond this ratio of main-thread CPU per request to undici 8's, the smoke test fails. */
export const SMOKE_LIMIT = 0.5

/**
 * @param {string} metric
 * @param {number} ratio what was measured
 * @param {number} wanted what is to be reached
 */
export function isReached (metric, ratio, wanted) {
  return metric === 'rate' ? ratio >= wanted : ratio <= wanted
}
