'use strict'

// The calls as functions: of a URL, through the dispatcher that is given or else the global one.

const calls = require('./index')
const { parseOrigin, parseURL } = require('../core/url')
const { InvalidArgumentError } = require('../core/errors')
const { getGlobalDispatcher } = require('../global')

/** Makes a function `(url, options, last)` of a call; `last` is its callback, factory or handler, and more may follow. */
function global (call) {
  return (url, options, last, ...more) => {
    if (typeof options === 'function') {
      more.unshift(last)
      last = options
      options = null
    }
    if (!url || (typeof url !== 'string' && typeof url !== 'object')) {
      throw new InvalidArgumentError('invalid url')
    }
    if (options != null && typeof options !== 'object') {
      throw new InvalidArgumentError('invalid opts')
    }
    const target = targetOf(url, options?.path)
    const { agent, dispatcher = getGlobalDispatcher(), ...own } = options ?? (typeof url === 'object' ? url : {})
    if (agent) {
      throw new InvalidArgumentError('unsupported opts.agent. Did you mean opts.client?')
    }
    return call.call(dispatcher, {
      ...own,
      origin: target.origin,
      path: `${target.pathname}${target.search}`,
      method: own.method || (own.body ? 'PUT' : 'GET')
    }, last, ...more)
  }
}

// A path of the options takes the place of all that the URL says below its origin.
function targetOf (url, path) {
  if (path == null) {
    return parseURL(url)
  }
  if (typeof path !== 'string') {
    throw new InvalidArgumentError('invalid opts.path')
  }
  return new URL(`${parseOrigin(url).origin}${path.startsWith('/') ? '' : '/'}${path}`)
}

module.exports = {
  request: global(calls.request),
  stream: global(calls.stream),
  pipeline: global(calls.pipeline),
  connect: global(calls.connect),
  upgrade: global(calls.upgrade)
}
