// What must be on the machine before anything can be built: Node.js, Rust and a C compiler, each with one clear
// message when it is missing or too old. Nothing is installed here. This file and setup.mjs keep to syntax and
// imports that old versions of Node.js know too, so that those get as far as the message.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)

export class MissingPrerequisite extends Error {}

export function checkNode (version = process.versions.node) {
  const { engines } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  const minimum = engines.node.replace('>=', '')
  if (isOlder(version, minimum)) {
    throw new MissingPrerequisite(`dodici needs Node.js ${minimum} or newer, and this is Node.js ${version}.`)
  }
}

export function checkRust () {
  const minimum = /^rust-version = "([\d.]+)"/m.exec(readFileSync(new URL('Cargo.toml', root), 'utf8'))[1]
  const wanted = `dodici is built with Rust ${minimum} or newer`
  const advice = 'See https://rustup.rs for how to install it.'
  for (const tool of ['cargo', 'rustc']) {
    const { error, status, stdout, stderr } = spawnSync(tool, ['--version'], { cwd: root, encoding: 'utf8' })
    if (error) throw new MissingPrerequisite(`${wanted}, and there is no ${tool} on the PATH. ${advice}`)
    if (status !== 0) throw new MissingPrerequisite(`${wanted}, and ${tool} does not run: ${stderr.trim()}`)
    const version = /\d+\.\d+\.\d+/.exec(stdout)[0]
    if (isOlder(version, minimum)) throw new MissingPrerequisite(`${wanted}, and this is ${tool} ${version}. ${advice}`)
  }
}

// Rust links with `cc`, except on Windows, where it finds Microsoft's linker by itself.
export function checkCompiler () {
  const hasOtherLinker = Object.keys(process.env).some(name => /^CARGO_TARGET_.+_LINKER$/.test(name))
  if (process.platform === 'win32' || hasOtherLinker) return
  if (spawnSync('cc', ['--version']).error) {
    throw new MissingPrerequisite('dodici is linked with a C compiler, and there is no cc on the PATH. ' +
      'Install gcc or clang (on Debian: the package build-essential; on macOS: xcode-select --install).')
  }
}

function isOlder (version, minimum) {
  const have = version.split('.').map(Number)
  const want = minimum.split('.').map(Number)
  const differs = want.findIndex((number, index) => number !== (have[index] || 0))
  return differs !== -1 && (have[differs] || 0) < want[differs]
}
