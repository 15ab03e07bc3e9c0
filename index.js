'use strict'

// The public API: a line per export, no logic. Node.js reads the names for `import { … }` from this text, so that each
// stands here; a getter is for what Node loads only when it is touched.

require('./lib/api/install')

const web = require('./lib/web')

module.exports.Dispatcher = require('./lib/dispatcher/dispatcher').Dispatcher
module.exports.Client = require('./lib/dispatcher/client').Client
module.exports.Pool = require('./lib/dispatcher/pool').Pool
module.exports.BalancedPool = require('./lib/dispatcher/balanced-pool').BalancedPool
module.exports.RoundRobinPool = require('./lib/dispatcher/round-robin-pool').RoundRobinPool
module.exports.Agent = require('./lib/dispatcher/agent').Agent
module.exports.ProxyAgent = require('./lib/dispatcher/proxy-agent').ProxyAgent
module.exports.Socks5ProxyAgent = require('./lib/dispatcher/socks5-proxy-agent').Socks5ProxyAgent
module.exports.EnvHttpProxyAgent = require('./lib/dispatcher/env-http-proxy-agent').EnvHttpProxyAgent
module.exports.RetryAgent = require('./lib/dispatcher/retry-agent').RetryAgent
module.exports.Dispatcher1Wrapper = require('./lib/dispatcher/dispatcher1-wrapper').Dispatcher1Wrapper
module.exports.DecoratorHandler = require('./lib/handler/decorator-handler').DecoratorHandler
module.exports.RedirectHandler = require('./lib/handler/redirect-handler').RedirectHandler
module.exports.RetryHandler = require('./lib/handler/retry-handler').RetryHandler
module.exports.createRedirectInterceptor = require('./lib/interceptor/redirect').redirect
module.exports.interceptors = require('./lib/interceptor')
module.exports.cacheStores = require('./lib/cache')
module.exports.buildConnector = require('./lib/core/connector').buildConnector
module.exports.setGlobalDispatcher = require('./lib/global').setGlobalDispatcher
module.exports.getGlobalDispatcher = require('./lib/global').getGlobalDispatcher
module.exports.request = require('./lib/api/global-calls').request
module.exports.stream = require('./lib/api/global-calls').stream
module.exports.pipeline = require('./lib/api/global-calls').pipeline
module.exports.connect = require('./lib/api/global-calls').connect
module.exports.upgrade = require('./lib/api/global-calls').upgrade
module.exports.MockAgent = require('./lib/mock/mock-agent').MockAgent
module.exports.MockClient = require('./lib/mock/mock-client').MockClient
module.exports.MockPool = require('./lib/mock/mock-pool').MockPool
module.exports.SnapshotAgent = require('./lib/mock/snapshot-agent').SnapshotAgent
module.exports.MockCallHistory = require('./lib/mock/mock-call-history').MockCallHistory
module.exports.MockCallHistoryLog = require('./lib/mock/mock-call-history').MockCallHistoryLog
module.exports.mockErrors = require('./lib/mock/mock-errors')
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
module.exports.caches = web.caches
module.exports.FileReader = web.FileReader
module.exports.ping = web.ping
module.exports.WebSocketError = web.WebSocketError
module.exports.WebSocketStream = web.WebSocketStream
module.exports.install = web.install
module.exports.setGlobalOrigin = web.setGlobalOrigin
module.exports.getGlobalOrigin = web.getGlobalOrigin

module.exports.getCookies = require('./lib/web/cookies').getCookies
module.exports.getSetCookies = require('./lib/web/cookies').getSetCookies
module.exports.setCookie = require('./lib/web/cookies').setCookie
module.exports.deleteCookie = require('./lib/web/cookies').deleteCookie
module.exports.parseCookie = require('./lib/web/cookies').parseCookie
module.exports.parseMIMEType = require('./lib/web/mime-type').parseMIMEType
module.exports.serializeAMimeType = require('./lib/web/mime-type').serializeAMimeType
