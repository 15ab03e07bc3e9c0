// What has to be there for a client: its package, and the program that runs it. Those of other makers have a package.json
// of their own in clients/, and are installed when they are asked for.

import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { install } from '../scripts/setup.mjs'

const require = createRequire(import.meta.url)
const folder = fileURLToPath(new URL('clients', import.meta.url))
const placeOf = (name) => path.join(folder, 'node_modules', name)

/** Whether a client comes in a package that this project does not need otherwise. */
export function isOfOtherMakers (client) {
  return client.package !== undefined
}

/** Whether a client is there, or can be installed. */
export function isAvailable ({ command }) {
  return command === undefined || spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined
}

/** Installs what some clients need. */
export function prepare (clients) {
  if (clients.some(isOfOtherMakers)) install(folder, 'the clients of other makers')
}

/** What `require` takes to load a client's library. */
export function moduleOf (client) {
  return client.module ?? require.resolve(client.package, { paths: [folder] })
}

/** The version of a client's library, as its package says it; undefined for what comes with something else. */
export function versionOf (client) {
  const place = client.package ? placeOf(client.package) : client.module && path.dirname(client.module)
  return place && JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8')).version
}

/**
 * The program that runs a client's process. The package `bun` has one for each kind of processor: the first that runs is it.
 *
 * @param {object} client
 * @param {string} node the Node.js of the benches
 */
export function programOf (client, node) {
  if (client.runtime !== 'bun') return node
  const programs = readdirSync(placeOf('@oven')).map((name) => path.join(placeOf('@oven'), name, 'bin', 'bun'))
  const program = programs.find((one) => spawnSync(one, ['--version'], { stdio: 'ignore' }).status === 0)
  if (!program) throw new Error('the package bun has no program for this machine')
  return program
}
