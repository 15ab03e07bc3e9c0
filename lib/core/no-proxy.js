'use strict'

// The list of those who are asked without a proxy (`no_proxy`): names, with their subdomains; `*.name` for these
// alone; addresses and blocks of them (CIDR); each perhaps with a port; `*` for all.

const { BlockList, isIP } = require('node:net')

const FAMILIES = { 4: 'ipv4', 6: 'ipv6' }

class NoProxy {
  #rules

  /** @param {string} list separated by commas and white space */
  constructor (list) {
    this.#rules = list.split(/[,\s]+/).filter((entry) => entry !== '').map(ruleOf)
  }

  /**
   * @param {string} host a name or an address, without brackets
   * @param {number} port
   */
  includes (host, port) {
    return this.#rules.some((rule) => (rule.port === 0 || rule.port === port) && rule.matches(host))
  }
}

function ruleOf (entry) {
  const block = blockOf(entry)
  if (block !== null) {
    return { port: 0, matches: (host) => isIP(host) !== 0 && block.check(host, FAMILIES[isIP(host)]) }
  }
  const { name, port } = partsOf(entry)
  if (name === '*') {
    return { port, matches: () => true }
  }
  const isWildcard = name.startsWith('*')
  const base = trimmed(isWildcard ? name.replace(/^\*\.?/, '') : name.replace(/^\./, ''))
  return { port, matches: (host) => (!isWildcard && host === base) || host.endsWith(`.${base}`) }
}

/** A block of addresses, such as `10.0.0.0/8`; null for anything else. */
function blockOf (entry) {
  const [, address, length] = /^\[?([^\]/]+)\]?\/(\d{1,3})$/.exec(entry) ?? []
  const family = isIP(address ?? '')
  if (family === 0 || Number(length) > (family === 4 ? 32 : 128)) {
    return null
  }
  const block = new BlockList()
  block.addSubnet(address, Number(length), FAMILIES[family])
  return block
}

function partsOf (entry) {
  const [, bracketed, bracketedPort] = /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? []
  if (bracketed !== undefined) {
    return { name: bracketed.toLowerCase(), port: Number(bracketedPort ?? 0) }
  }
  // With more colons than one it is an address.
  const [, name, port] = /^([^:]+):(\d+)$/.exec(entry) ?? [null, entry, '0']
  return { name: name.toLowerCase(), port: Number(port) }
}

/** A dot at the end only says that a name is complete. */
function trimmed (name) {
  return name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name
}

module.exports = { NoProxy, trimmed }
