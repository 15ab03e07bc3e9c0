'use strict'

// The exports that are loaded when they are first touched: a program that makes requests uses few of them, and most of
// the time of `require` would go into the others. Touched or set, each is a property like any other.

const sources = {
  __proto__: null,
  BalancedPool: () => require('./dispatcher/balanced-pool').BalancedPool,
  RoundRobinPool: () => require('./dispatcher/round-robin-pool').RoundRobinPool,
  ProxyAgent: () => require('./dispatcher/proxy-agent').ProxyAgent,
  Socks5ProxyAgent: () => require('./dispatcher/socks5-proxy-agent').Socks5ProxyAgent,
  EnvHttpProxyAgent: () => require('./dispatcher/env-http-proxy-agent').EnvHttpProxyAgent,
  RetryAgent: () => require('./dispatcher/retry-agent').RetryAgent,
  DecoratorHandler: () => require('./handler/decorator-handler').DecoratorHandler,
  RedirectHandler: () => require('./handler/redirect-handler').RedirectHandler,
  RetryHandler: () => require('./handler/retry-handler').RetryHandler,
  createRedirectInterceptor: () => require('./interceptor/redirect').redirect,
  interceptors: () => require('./interceptor'),
  cacheStores: () => require('./cache'),
  MockAgent: () => require('./mock/mock-agent').MockAgent,
  MockClient: () => require('./mock/mock-client').MockClient,
  MockPool: () => require('./mock/mock-pool').MockPool,
  SnapshotAgent: () => require('./mock/snapshot-agent').SnapshotAgent,
  MockCallHistory: () => require('./mock/mock-call-history').MockCallHistory,
  MockCallHistoryLog: () => require('./mock/mock-call-history').MockCallHistoryLog,
  mockErrors: () => require('./mock/mock-errors'),
  caches: () => require('./web/cache-storage').caches,
  FileReader: () => require('./web/file-reader').FileReader,
  WebSocketError: () => require('./web/websocket-error').WebSocketError,
  WebSocketStream: () => require('./web/websocket-stream').WebSocketStream,
  getCookies: () => require('./web/cookies').getCookies,
  getSetCookies: () => require('./web/cookies').getSetCookies,
  setCookie: () => require('./web/cookies').setCookie,
  deleteCookie: () => require('./web/cookies').deleteCookie,
  parseCookie: () => require('./web/cookies').parseCookie,
  parseMIMEType: () => require('./web/mime-type').parseMIMEType,
  serializeAMimeType: () => require('./web/mime-type').serializeAMimeType
}

/**
 * In the place of an export that is loaded later. Called with the exports it puts the real ones in those places.
 *
 * @param {object} exports
 */
function later (exports) {
  for (const name of Object.keys(exports)) {
    const settle = (value) => {
      Object.defineProperty(exports, name, { value, writable: true, enumerable: true, configurable: true })
      return value
    }
    if (exports[name] === later) {
      Object.defineProperty(exports, name, {
        get: () => settle(sources[name]()),
        set: settle,
        enumerable: true,
        configurable: true
      })
    }
  }
}

module.exports = { later }
