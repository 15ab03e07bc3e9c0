'use strict'

// Which module of lib/ may require which: the walls between the rooms, as data. A failure names the wall.

const { test } = require('node:test')
const assert = require('node:assert')
const { globSync, readdirSync, readFileSync } = require('node:fs')
const { builtinModules } = require('node:module')
const path = require('node:path')

const root = path.join(__dirname, '..')
const lib = path.join(root, 'lib')

// Room → what its modules may require besides node: and themselves: another room, or modules of one.
const rooms = {
  core: [],
  native: ['core/errors'],
  handler: ['core'],
  api: ['core'],
  dispatcher: ['core', 'handler', 'native'],
  interceptor: ['core', 'handler', 'cache'],
  cache: ['core'],
  // Paths of undici that programs know.
  mock: ['core', 'dispatcher', 'global'],
  web: ['core', 'dispatcher', 'global'],
  http: ['core', 'dispatcher', 'global'],
  global: ['core', 'dispatcher'],
  later: ['core', 'handler', 'dispatcher', 'interceptor', 'cache', 'mock', 'web', 'global', 'api/install', 'api/global-calls'],
  undici: ['core', 'handler', 'api', 'dispatcher', 'interceptor', 'cache', 'mock', 'web', 'global']
}

// Modules with another rule than their room, and why.
const exceptions = {
  // What is known of responses that are kept is known in lib/cache; that it is kept on the way through, here.
  'handler/cache-handler': ['core', 'cache'],
  'handler/stored-response': ['core', 'cache'],
  // Puts the calls on the dispatchers, so that neither room has to know the other.
  'api/install': ['api', 'dispatcher/dispatcher'],
  // The calls of those who name no dispatcher.
  'api/global-calls': ['api', 'core', 'global'],
  // Reads what a user gave as a body, and has to tell and end a stream as everybody else does.
  'native/body-pump': ['core/errors', 'core/streams'],
  // What is wrong with a SOCKS5 proxy is the same whoever speaks with it.
  'native/errors': ['core/errors', 'core/socks5-faults'],
  // Keeps the heads that come again, and with them what was made of their fields.
  'native/drain': ['core/errors', 'core/fields', 'core/octets'],
  // Memory that a body's user is given.
  'native/slabs': ['core/errors', 'core/octets', 'core/blocks']
}

// Modules of the room that alone may knock at another: only these know that there is an engine.
const doors = {
  'dispatcher → native': ['dispatcher/engine-dispatcher']
}

const nameOf = (file) => path.relative(lib, file).replace(/\\/g, '/').replace(/\.js$/, '')
const roomOf = (name) => name.split('/')[0]
const contains = (allowed, name) => name === allowed || name.startsWith(`${allowed}/`)

function modules () {
  if (globSync !== undefined) {
    return globSync('**/*.js', { cwd: lib }).map((file) => path.join(lib, file))
  }
  return readdirSync(lib, { recursive: true }).filter((file) => file.endsWith('.js')).map((file) => path.join(lib, file))
}

// The modules of the binding are generated; what they require is not ours to say.
const files = modules().filter((file) => nameOf(file) !== 'native/binding')

function requirements (file) {
  const source = readFileSync(file, 'utf8')
  return [...source.matchAll(/\brequire(?:\.resolve)?\(\s*(['"`])(.+?)\1\s*\)/g)].map((match) => match[2])
}

// Why a module may not require another; undefined when it may.
function objection (name, required) {
  const room = roomOf(name)
  const target = roomOf(required)
  if (target === room) {
    return undefined
  }
  const allowed = exceptions[name] ?? rooms[room]
  if (!allowed.some((one) => contains(one, required))) {
    return `lib/${room} may require ${allowed.join(', ') || 'nothing but itself and node:'}`
  }
  const guards = doors[`${room} → ${target}`]
  if (guards !== undefined && !guards.includes(name)) {
    return `only ${guards.join(' and ')} may require lib/${target}`
  }
  return undefined
}

test('every module is in a room of the house', () => {
  assert.deepStrictEqual(files.map(nameOf).filter((name) => rooms[roomOf(name)] === undefined), [])
})

for (const file of files) {
  const name = nameOf(file)

  test(`lib/${name} keeps to its room`, () => {
    const objections = []
    for (const required of requirements(file)) {
      if (required.startsWith('node:')) {
        continue
      }
      if (!required.startsWith('.')) {
        const reason = builtinModules.includes(required)
          ? 'Node\'s own modules are required by their node: names'
          : 'no package is a dependency at run time'
        objections.push(`${required}: ${reason}`)
        continue
      }
      const target = nameOf(path.resolve(path.dirname(file), required))
      const reason = target.startsWith('..') ? 'what is outside lib/ is not for lib/' : objection(name, target)
      if (reason !== undefined) {
        objections.push(`${required}: ${reason}`)
      }
    }
    assert.deepStrictEqual(objections, [])
  })

  test(`lib/${name} opens by saying what lives there`, () => {
    assert.match(readFileSync(file, 'utf8'), /^'use strict'\n\n(\/\/ |\/\*\*\n)/)
  })
}

test('what the entry of the package requires is in lib/', () => {
  const outside = requirements(path.join(root, 'index.js')).filter((required) => !required.startsWith('./lib/'))
  assert.deepStrictEqual(outside, [])
})
