// `npm test`: does its own set-up, then runs the tests of every room: Rust, the layout, JavaScript, types.
//
//   npm test -- [options] [files]
//     --js-only      the tests under __test__ alone       --rust-only   the Rust tests alone
//     --node <path>  another Node.js for the JavaScript tests
//     --without <name>  all but __test__/<name>, a folder or a file; may be given several times
//     --quick        build the addon with Cargo's profile `quick`, if it has to be built
//     files          these instead of all test files; implies --js-only

import { readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import util from 'node:util'
import { main, root, run, setup } from './setup.mjs'

// A test that hangs is a failure that names its file, not a run that never ends.
const TIMEOUT_MS = 300_000

// Test files wait for sockets, timers and processes of their own most of the time.
const FILES_PER_CORE = 2

function rustTests () {
  run('cargo', ['test', '--locked', '--package', 'dodici-engine', '--package', 'dodici-ring'])
}

function javaScriptTests (node, files) {
  const options = ['--test-reporter=spec', `--test-timeout=${TIMEOUT_MS}`, `--test-concurrency=${FILES_PER_CORE * os.availableParallelism()}`]
  run(node, ['--test', ...options, ...files])
}

// Node.js 20 expands no patterns after --test. The types are the same on every Node.js: one compiles them.
function testFiles (node, without) {
  return readdirSync(path.join(root, '__test__'), { recursive: true })
    .filter(name => name.endsWith('.test.js') && (node === process.execPath || name !== 'types.test.js'))
    .filter(name => !without.some(one => name === one || name.startsWith(one + path.sep)))
    .sort()
    .map(name => path.join('__test__', name))
}

main(() => {
  const argv = process.argv.slice(2)
  if (!util.parseArgs) setup() // says that this Node.js is too old
  const { values, positionals } = util.parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      'js-only': { type: 'boolean', default: false },
      'rust-only': { type: 'boolean', default: false },
      node: { type: 'string', default: process.execPath },
      without: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false }
    }
  })
  const jsOnly = values['js-only'] || positionals.length > 0
  const rustOnly = values['rust-only']
  setup({ quick: values.quick, needsRust: !jsOnly })
  if (!jsOnly) rustTests()
  if (!jsOnly && !rustOnly) {
    run(process.execPath, ['scripts/layout.mjs', '--check'])
    run(process.execPath, ['node_modules/tsd/dist/cli.js'])
  }
  if (!rustOnly) javaScriptTests(values.node, positionals.length > 0 ? positionals : testFiles(values.node, values.without))
})
