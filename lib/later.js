'use strict'

// The exports are loaded when they are first touched: a program uses few of them, and almost all of the time of `require` would go
// into the others. Whoever looks sees properties like any other. That holds for those as well who look at descriptors instead of
// values: tools of tests put others in the place of exports, and pass by those that are getters.

// Puts the calls on the dispatchers, whichever is loaded first.
const dispatchers = (load) => () => {
  require('./api/install')
  return load()
}

const sources = {
  __proto__: null,
  Dispatcher: dispatchers(() => require('./dispatcher/dispatcher').Dispatcher),
  Client: dispatchers(() => require('./dispatcher/client').Client),
  Pool: dispatchers(() => require('./dispatcher/pool').Pool),
  BalancedPool: dispatchers(() => require('./dispatcher/balanced-pool').BalancedPool),
  RoundRobinPool: dispatchers(() => require('./dispatcher/round-robin-pool').RoundRobinPool),
  Agent: dispatchers(() => require('./dispatcher/agent').Agent),
  ProxyAgent: dispatchers(() => require('./dispatcher/proxy-agent').ProxyAgent),
  Socks5ProxyAgent: dispatchers(() => require('./dispatcher/socks5-proxy-agent').Socks5ProxyAgent),
  EnvHttpProxyAgent: dispatchers(() => require('./dispatcher/env-http-proxy-agent').EnvHttpProxyAgent),
  RetryAgent: dispatchers(() => require('./dispatcher/retry-agent').RetryAgent),
  Dispatcher1Wrapper: dispatchers(() => require('./dispatcher/dispatcher1-wrapper').Dispatcher1Wrapper),
  DecoratorHandler: () => require('./handler/decorator-handler').DecoratorHandler,
  RedirectHandler: () => require('./handler/redirect-handler').RedirectHandler,
  RetryHandler: () => require('./handler/retry-handler').RetryHandler,
  createRedirectInterceptor: () => require('./interceptor/redirect').createRedirectInterceptor,
  interceptors: () => require('./interceptor'),
  cacheStores: () => require('./cache'),
  MockAgent: dispatchers(() => require('./mock/mock-agent').MockAgent),
  MockClient: dispatchers(() => require('./mock/mock-client').MockClient),
  MockPool: dispatchers(() => require('./mock/mock-pool').MockPool),
  SnapshotAgent: dispatchers(() => require('./mock/snapshot-agent').SnapshotAgent),
  MockCallHistory: () => require('./mock/mock-call-history').MockCallHistory,
  MockCallHistoryLog: () => require('./mock/mock-call-history').MockCallHistoryLog,
  mockErrors: () => require('./mock/mock-errors'),
  buildConnector: () => require('./core/connector').buildConnector,
  errors: () => require('./core/errors'),
  util: () => require('./core/util').exported,
  setGlobalDispatcher: dispatchers(() => require('./global').setGlobalDispatcher),
  getGlobalDispatcher: dispatchers(() => require('./global').getGlobalDispatcher),
  request: dispatchers(() => require('./api/global-calls').request),
  stream: dispatchers(() => require('./api/global-calls').stream),
  pipeline: dispatchers(() => require('./api/global-calls').pipeline),
  connect: dispatchers(() => require('./api/global-calls').connect),
  upgrade: dispatchers(() => require('./api/global-calls').upgrade),
  fetch: () => require('./web').fetch,
  Headers: () => require('./web').Headers,
  Request: () => require('./web').Request,
  Response: () => require('./web').Response,
  FormData: () => require('./web').FormData,
  File: () => require('./web').File,
  FileReader: () => require('./web/file-reader').FileReader,
  caches: () => require('./web/cache-storage').caches,
  WebSocket: () => require('./web').WebSocket,
  WebSocketStream: () => require('./web/websocket-stream').WebSocketStream,
  WebSocketError: () => require('./web/websocket-error').WebSocketError,
  CloseEvent: () => require('./web').CloseEvent,
  ErrorEvent: () => require('./web').ErrorEvent,
  MessageEvent: () => require('./web').MessageEvent,
  EventSource: () => require('./web').EventSource,
  ping: () => require('./web').ping,
  install: () => require('./web').install,
  setGlobalOrigin: () => require('./web').setGlobalOrigin,
  getGlobalOrigin: () => require('./web').getGlobalOrigin,
  getCookies: () => require('./web/cookies').getCookies,
  getSetCookies: () => require('./web/cookies').getSetCookies,
  setCookie: () => require('./web/cookies').setCookie,
  deleteCookie: () => require('./web/cookies').deleteCookie,
  parseCookie: () => require('./web/cookies').parseCookie,
  parseMIMEType: () => require('./web/mime-type').parseMIMEType,
  serializeAMimeType: () => require('./web/mime-type').serializeAMimeType
}

/**
 * Stands in the place of an export that is loaded when it is touched. Called with the exports it returns the real ones, as
 * an object of its own: loaders of tests (vite-node) turn every property of ours into a getter of what they are given.
 *
 * @param {object} exports
 */
function later (exports) {
  const real = {}
  for (const name of Object.keys(exports)) {
    if (exports[name] !== later) {
      continue
    }
    const settle = (value) => {
      Object.defineProperty(real, name, { value, writable: true, enumerable: true, configurable: true })
      return value
    }
    Object.defineProperty(real, name, {
      get: () => settle(sources[name]()),
      set: settle,
      enumerable: true,
      configurable: true
    })
  }
  // To look at a descriptor, or to change it, touches the export.
  return new Proxy(real, {
    getOwnPropertyDescriptor (real, name) {
      Reflect.get(real, name)
      return Reflect.getOwnPropertyDescriptor(real, name)
    },
    defineProperty (real, name, descriptor) {
      Reflect.get(real, name)
      return Reflect.defineProperty(real, name, descriptor)
    }
  })
}

module.exports = { later }
