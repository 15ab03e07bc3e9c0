// The types of the interceptors and of the handlers that they are made of.

import { CookieJar } from 'tough-cookie'
import { expectAssignable, expectError, expectType } from 'tsd'
import dodici, {
  Client, DecoratorHandler, Dispatcher, Dispatcher1Wrapper, RedirectHandler, RetryAgent, RetryHandler, cacheStores, createRedirectInterceptor, interceptors
} from '../..'

const client = new Client('http://localhost', { maxRedirections: 1, interceptors: { Client: [createRedirectInterceptor({ maxRedirections: 1 })] } })

expectType<Dispatcher.ComposedDispatcher>(client.compose(
  interceptors.redirect({ maxRedirections: 1, throwOnMaxRedirect: true, stripHeadersOnRedirect: ['a'], stripHeadersOnCrossOriginRedirect: ['b'] }),
  interceptors.retry({ retry (error, { state, opts }, callback) { callback(state.counter > 1 ? error : null); opts.path.trim() } }),
  interceptors.dump({ maxSize: 1 }),
  interceptors.responseError({ maxSize: 0 }),
  interceptors.dns({ maxTTL: 1, maxItems: 1, dualStack: false, affinity: 6, lookup (origin, options, callback) { callback(null, [{ address: origin.hostname, family: 4, ttl: 1 }]) } }),
  interceptors.deduplicate({ methods: ['GET', 'HEAD'], skipHeaderNames: ['a'], excludeHeaderNames: ['b'], maxBufferSize: 1 }),
  interceptors.decompress({ maxSize: 1, skipErrorResponses: false, skipStatusCodes: [204] })
))
expectError(interceptors.dump({ maxSize: '1' }))
expectError(interceptors.redirect({ maxRedirections: '1' }))
expectError(interceptors.retry({ methods: 'GET' }))
expectError(interceptors.dns({ affinity: 5 }))
expectError(interceptors.deduplicate({ methods: ['POST'] }))

expectAssignable<Dispatcher>(new RetryAgent(client, { maxRetries: 1, errorCodes: ['EPIPE'], statusCodes: [500], retryAfter: false }))
expectAssignable<Dispatcher>(new Dispatcher1Wrapper(client))
expectType<Dispatcher.DispatchHandler>(Dispatcher1Wrapper.wrapHandler({}))

class Own extends DecoratorHandler {
  onResponseStart (controller: Dispatcher.DispatchController, statusCode: number, headers: Record<string, string | string[] | undefined>) {
    return super.onResponseStart(controller, statusCode, headers)
  }
}
const dispatch = client.dispatch.bind(client)
const options = { path: '/', method: 'GET' }
expectType<boolean>(client.dispatch(options, new Own({})))
expectType<boolean>(client.dispatch(options, new RedirectHandler(dispatch, 1, options, new Own({}))))
expectType<boolean>(client.dispatch(options, new RetryHandler({ ...options, retryOptions: {} }, { dispatch, handler: {} })))
expectType<typeof interceptors>(dodici.interceptors)

const memory = new cacheStores.MemoryCacheStore({ maxCount: 1, maxSize: 2, maxEntrySize: 3 })
const database = new cacheStores.SqliteCacheStore({ location: 'responses.sqlite', maxCount: 1, maxEntrySize: 2, compressThreshold: 3 })
expectType<boolean>(memory.isFull())
expectType<number>(database.size)
for (const store of [memory, database]) {
  store.get({ origin: 'http://localhost', path: '/', method: 'GET' })?.statusCode.toFixed()
  store.delete({ origin: 'http://localhost', path: '/', method: 'GET' })
}
expectError(new cacheStores.MemoryCacheStore({ maxCount: '1' }))

const given = { store: memory, methods: ['GET' as const, 'HEAD' as const], cacheByDefault: 1000, type: 'private' as const, origins: ['http://localhost', /example/] }
expectType<Dispatcher.DispatcherComposeInterceptor>(interceptors.cache(given))
expectAssignable<Dispatcher>(client.compose(interceptors.cache({ store: database }), interceptors.cache()))
interceptors.cache({ store: { get: async () => undefined, createWriteStream: () => undefined, delete: async () => {} } })
expectError(interceptors.cache({ store: {} }))
expectError(interceptors.cache({ methods: ['POST'] }))
expectError(interceptors.cache({ type: 'public' }))
expectError(interceptors.cache({ origins: [1] }))

expectType<Dispatcher.DispatcherComposeInterceptor>(interceptors.cookies({ jar: new CookieJar() }))
interceptors.cookies({ jar: { getCookieString: (url) => url.trim(), setCookie (cookie, url, { ignoreError }) { expectType<boolean>(ignoreError) } } })
expectError(interceptors.cookies({ jar: {} }))
expectError(interceptors.cookies())
