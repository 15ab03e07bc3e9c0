// Brings a working tree to where demo and tests can run: checks the prerequisites, installs the development
// dependencies of the lockfile, builds the addon. What is up to date is left alone, silently.
//
//   node scripts/setup.mjs [--quick]     --quick: build with Cargo's profile `quick` instead of `release`

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'
import { MissingPrerequisite, checkCompiler, checkNode, checkRust } from './prerequisites.mjs'

export const root = fileURLToPath(new URL('../', import.meta.url))

// What the addon is made from, besides the code of the dependencies, which Cargo.lock pins.
const SOURCES = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'src', 'engine/Cargo.toml', 'engine/src', 'ring/Cargo.toml', 'ring/src']

export class FailedStep extends Error {}

export function setup ({ quick = false, needsRust = false } = {}) {
  checkNode()
  const mustBuild = !isAddonCurrent()
  if (mustBuild || needsRust) {
    checkRust()
    checkCompiler()
  }
  install(root, 'the development dependencies')
  if (mustBuild) {
    console.log(`Building the addon (${quick ? 'quick' : 'release'}) ...`)
    npm(['run', '--silent', quick ? 'build:debug' : 'build'])
  }
}

// Installs what the lockfile of a folder says, if that is not what is there.
export function install (folder, what) {
  if (areDependenciesCurrent(folder)) return
  console.log(`Installing ${what} ...`)
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder })
}

// Runs a command in the root of the project; its output is shown as it comes.
export function run (command, args, options = {}) {
  const { error, status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) {
    const start = [command, ...args.slice(0, 3)].join(' ') + (args.length > 3 ? ' ...' : '')
    throw new FailedStep(`${start} ended with ${signal || status}`)
  }
}

// Prints what is expected to go wrong as one line; anything else is a fault of the scripts and keeps its stack.
export function main (body) {
  try {
    body()
  } catch (error) {
    if (!(error instanceof MissingPrerequisite || error instanceof FailedStep)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

// Under `npm run` the same npm is used again; otherwise the one on the PATH, which is a script on Windows.
function npm (args, options) {
  const own = process.env.npm_execpath
  if (own && /npm-cli\.js$/.test(own)) run(process.execPath, [own, ...args], options)
  else run('npm', args, { shell: process.platform === 'win32', ...options })
}

// npm records in node_modules/.package-lock.json what it has installed. Optional packages may be absent: most are
// builds for other platforms.
function areDependenciesCurrent (folder) {
  const record = path.join(folder, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const installed = readLock(record)
  return Object.entries(readLock(path.join(folder, 'package-lock.json')))
    .filter(([place, { optional }]) => place !== '' && !optional)
    .every(([place, { version }]) => installed[place] && installed[place].version === version)
}

function readLock (file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

// The addon is current when loader and addon are younger than every source. Folders count as well: their time
// changes when a file goes.
function isAddonCurrent () {
  const folder = path.join(root, 'lib/native')
  const addon = readdirSync(folder).find(name => name.startsWith(`dodici.${process.platform}-${process.arch}`))
  if (!addon || !existsSync(path.join(folder, 'binding.js'))) return false
  const built = Math.min(modified(path.join(folder, addon)), modified(path.join(folder, 'binding.js')))
  return SOURCES.every(source => newest(path.join(root, source)) <= built)
}

function newest (place) {
  const own = modified(place)
  if (!statSync(place).isDirectory()) return own
  return readdirSync(place).reduce((latest, name) => Math.max(latest, newest(path.join(place, name))), own)
}

function modified (place) {
  return statSync(place).mtimeMs
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(() => setup({ quick: process.argv.includes('--quick') }))
}
