// The machine that the benches run on, and whether its Node.js can run them.

import { execFileSync } from 'node:child_process'
import os from 'node:os'

/**
 * What a Node.js is, as far as the benches ask.
 *
 * @param {string} node its program
 * @returns {{ version: string, isFit: boolean }} fit is who can tell the CPU time of one thread
 * @throws {Error} it does not run
 */
export function inspected (node) {
  const program = 'JSON.stringify({ version: process.version, isFit: typeof process.threadCpuUsage === "function" })'
  return JSON.parse(execFileSync(node, ['--print', program], { encoding: 'utf8' }))
}

/** The machine, for a report. */
export function described () {
  const cpus = os.cpus()
  return {
    processor: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory: `${(os.totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${os.type()} ${os.release()} ${os.arch()}`
  }
}
