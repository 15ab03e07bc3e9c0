'use strict'

// How the package is reached: by named imports, by its own name, and by undici's.

const { after, test } = require('node:test')
const assert = require('node:assert')
const { execFileSync } = require('node:child_process')
const { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')

const root = path.join(__dirname, '..')
const project = mkdtempSync(path.join(tmpdir(), 'dodici-entry-'))
mkdirSync(path.join(project, 'node_modules'))
for (const name of ['dodici', 'undici']) {
  symlinkSync(root, path.join(project, 'node_modules', name), 'junction')
}

after(() => rmSync(project, { recursive: true }))

function run (file, program) {
  writeFileSync(path.join(project, file), program)
  return execFileSync(process.execPath, ['--no-warnings', file], { cwd: project, encoding: 'utf8' }).trim()
}

for (const name of ['dodici', 'undici']) {
  test(`import gives each export of ${name} by its name`, () => {
    const names = JSON.parse(run(`${name}.mjs`, `import * as namespace from '${name}'
      console.log(JSON.stringify(Object.keys(namespace).filter((name) => name !== 'default' && name !== 'module.exports')))`))
    assert.deepStrictEqual(names.sort(), Object.keys(require('..')).sort())
  })

  test(`import gives what require gives of ${name}`, () => {
    const same = run(`${name}-same.mjs`, `import { createRequire } from 'node:module'
      import all, * as namespace from '${name}'
      const required = createRequire(import.meta.url)('${name}')
      console.log(all === required && Object.keys(required).every((name) => namespace[name] === required[name]))`)
    assert.strictEqual(same, 'true')
  })
}

test('require touches nothing of Node\'s fetch, and sets no dispatcher', () => {
  const touched = run('lazy.cjs', `require('undici')
    console.log(process.moduleLoadList.filter((name) => name.includes('undici')).length,
      [1, 2].filter((version) => Symbol.for('undici.globalDispatcher.' + version) in globalThis).length)`)
  assert.strictEqual(touched, '0 0')
})

test('import sets no dispatcher but that of Node, which does not count', () => {
  const own = run('own.mjs', `import { Client, getGlobalDispatcher } from 'undici'
    const dispatcher = getGlobalDispatcher()
    console.log([1, 2].every((version) => globalThis[Symbol.for('undici.globalDispatcher.' + version)] !== dispatcher))`)
  assert.strictEqual(own, 'true')
})

test('require loads nothing that is not touched', () => {
  assert.strictEqual(run('untouched.cjs', `require('dodici')
    const own = Object.keys(require.cache).map((file) => require('node:path').basename(file))
    console.log(own.join(), process.moduleLoadList.includes('NativeModule stream'))`), 'untouched.cjs,index.js,later.js false')
})

test('an export is a property like any other, whoever looks', () => {
  assert.strictEqual(run('later.cjs', `const dodici = require('dodici')
    const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(dodici, 'MockAgent')
    dodici.RetryAgent = 1
    Object.defineProperty(dodici, 'request', { value: 2 })
    delete dodici.stream
    console.log(typeof value, value === dodici.MockAgent, writable, enumerable, configurable, dodici.RetryAgent, dodici.request, 'stream' in dodici)
    const all = Object.getOwnPropertyDescriptors(dodici)
    console.log(Object.values(all).filter(({ value, writable }) => value !== undefined && writable).length === Object.keys(dodici).length)`),
  'function true true true true 1 2 false\ntrue')
})

test('the calls are on the dispatchers, whatever is touched first', () => {
  assert.strictEqual(run('calls.cjs', `require('undici')
    console.log(typeof require('undici/lib/dispatcher/client').prototype.request, typeof require('undici').MockAgent.prototype.stream)`), 'function function')
})

test('a loader that makes getters of what module.exports is given', () => {
  // As vite-node has it, for packages that it does not leave to Node.js.
  assert.strictEqual(run('getters.cjs', `const { readFileSync } = require('node:fs')
    const { createRequire } = require('node:module')
    const file = require.resolve('dodici')
    const given = {}
    const its = {
      get exports () { return given },
      set exports (value) {
        for (const key in value) {
          if (key !== 'default') Object.defineProperty(given, key, { enumerable: true, configurable: true, get: () => value[key] })
        }
        given.default = value
      }
    }
    new Function('module', 'exports', 'require', readFileSync(file, 'utf8'))(its, given, createRequire(file))
    console.log(typeof given.request, given.Client === given.default.Client)`), 'function true')
})

test('node:test replaces an export that nobody has touched', (t) => {
  const dodici = require('..')
  t.mock.method(dodici, 'ProxyAgent', function () { this.isMock = true })
  assert.strictEqual(new dodici.ProxyAgent('http://localhost').isMock, true)
})

test('errors may be required from inside', () => {
  assert.strictEqual(run('deep.cjs', `const { errors } = require('undici')
    console.log(require('undici/lib/core/errors').SocketError === errors.SocketError, typeof require('undici/lib/core/util').parseHeaders,
      typeof require('undici/lib/api/index.js').request, typeof require('undici/lib/global.js').getGlobalDispatcher)`), 'true function function function')
})
