'use strict'

// The public API: a line per export, no logic. Node.js reads the names for `import { … }` from this text, so that each
// stands here; a getter is for what Node loads only when it is touched, `later` for what we do.

require('./lib/api/install')

const { later } = require('./lib/later')
const web = require('./lib/web')

module.exports = {
  BalancedPool: later,
  RoundRobinPool: later,
  ProxyAgent: later,
  Socks5ProxyAgent: later,
  EnvHttpProxyAgent: later,
  RetryAgent: later,
  DecoratorHandler: later,
  RedirectHandler: later,
  RetryHandler: later,
  createRedirectInterceptor: later,
  interceptors: later,
  cacheStores: later,
  MockAgent: later,
  MockClient: later,
  MockPool: later,
  SnapshotAgent: later,
  MockCallHistory: later,
  MockCallHistoryLog: later,
  mockErrors: later,
  caches: later,
  FileReader: later,
  WebSocketError: later,
  WebSocketStream: later,
  getCookies: later,
  getSetCookies: later,
  setCookie: later,
  deleteCookie: later,
  parseCookie: later,
  parseMIMEType: later,
  serializeAMimeType: later
}
later(module.exports)

module.exports.Dispatcher = require('./lib/dispatcher/dispatcher').Dispatcher
module.exports.Client = require('./lib/dispatcher/client').Client
module.exports.Pool = require('./lib/dispatcher/pool').Pool
module.exports.Agent = require('./lib/dispatcher/agent').Agent
module.exports.Dispatcher1Wrapper = require('./lib/dispatcher/dispatcher1-wrapper').Dispatcher1Wrapper
module.exports.buildConnector = require('./lib/core/connector').buildConnector
module.exports.setGlobalDispatcher = require('./lib/global').setGlobalDispatcher
module.exports.getGlobalDispatcher = require('./lib/global').getGlobalDispatcher
module.exports.request = require('./lib/api/global-calls').request
module.exports.stream = require('./lib/api/global-calls').stream
module.exports.pipeline = require('./lib/api/global-calls').pipeline
module.exports.connect = require('./lib/api/global-calls').connect
module.exports.upgrade = require('./lib/api/global-calls').upgrade
module.exports.errors = require('./lib/core/errors')
module.exports.util = require('./lib/core/util').exported

module.exports.fetch = web.fetch
Object.defineProperty(module.exports, 'Headers', { enumerable: true, get () { return web.Headers } })
Object.defineProperty(module.exports, 'Request', { enumerable: true, get () { return web.Request } })
Object.defineProperty(module.exports, 'Response', { enumerable: true, get () { return web.Response } })
Object.defineProperty(module.exports, 'FormData', { enumerable: true, get () { return web.FormData } })
Object.defineProperty(module.exports, 'File', { enumerable: true, get () { return web.File } })
Object.defineProperty(module.exports, 'WebSocket', { enumerable: true, get () { return web.WebSocket } })
Object.defineProperty(module.exports, 'CloseEvent', { enumerable: true, get () { return web.CloseEvent } })
Object.defineProperty(module.exports, 'ErrorEvent', { enumerable: true, get () { return web.ErrorEvent } })
Object.defineProperty(module.exports, 'MessageEvent', { enumerable: true, get () { return web.MessageEvent } })
Object.defineProperty(module.exports, 'EventSource', { enumerable: true, get () { return web.EventSource } })
module.exports.ping = web.ping
module.exports.install = web.install
module.exports.setGlobalOrigin = web.setGlobalOrigin
module.exports.getGlobalOrigin = web.getGlobalOrigin
