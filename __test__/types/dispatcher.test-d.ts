// The types of the Dispatcher's methods, as a program sees them.

import { EventEmitter } from 'node:events'
import { Duplex, Readable, Writable } from 'node:stream'
import { URL } from 'node:url'
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd'
import dodici, { Client, Dispatcher, errors } from '../..'

declare const dispatcher: Dispatcher

// request: both forms, and what was handed in as `opaque` comes out with its type.
expectType<Promise<Dispatcher.ResponseData<null>>>(dispatcher.request({ path: '/', method: 'GET' }))
expectType<Promise<Dispatcher.ResponseData<{ id: number }>>>(dispatcher.request({ path: '/', method: 'GET', opaque: { id: 1 } }))
expectType<void>(dispatcher.request({ path: '/', method: 'GET', opaque: 'a' }, (error, data) => {
  expectType<Error | null>(error)
  expectType<string>(data.opaque)
  expectType<number>(data.statusCode)
  expectType<string>(data.statusText)
  expectType<Record<string, string>>(data.trailers)
  expectType<number | null | undefined>(data.timings?.firstByte)
  expectAssignable<Readable>(data.body)
  expectType<Promise<string>>(data.body.text())
  expectType<Promise<unknown>>(data.body.json())
  expectType<Promise<Uint8Array>>(data.body.bytes())
  expectType<Promise<ArrayBuffer>>(data.body.arrayBuffer())
  expectType<boolean>(data.body.bodyUsed)
  expectType<Promise<void>>(data.body.dump({ limit: 1 }))
}))
expectError(dispatcher.request({ path: '/' }))
expectError(dispatcher.request({ method: 'GET' }))
expectError(dispatcher.request({ path: '/', method: 'GET', body: 1 }))
expectError(dispatcher.request({ path: '/', method: 'GET', headersTimeout: '1s' }))
expectType<Promise<Dispatcher.ResponseData<null>>>(dispatcher.request({ path: '/', method: 'GET', timeout: 1 }))
expectError(dispatcher.request({ path: '/', method: 'GET', timeout: '1s' }))
expectError(dispatcher.request({ path: '/', method: 'GET', responseHeaders: 'cooked' }))

// Every kind of body, of fields and of signal that is accepted.
expectAssignable<Dispatcher.DispatchOptions['body']>(null)
expectAssignable<Dispatcher.DispatchOptions['body']>('a')
expectAssignable<Dispatcher.DispatchOptions['body']>(Buffer.from('a'))
expectAssignable<Dispatcher.DispatchOptions['body']>(new Float64Array(1))
expectAssignable<Dispatcher.DispatchOptions['body']>(new DataView(new ArrayBuffer(1)))
expectAssignable<Dispatcher.DispatchOptions['body']>(new ArrayBuffer(1))
expectAssignable<Dispatcher.DispatchOptions['body']>(new Blob(['a']))
expectAssignable<Dispatcher.DispatchOptions['body']>(new FormData())
expectAssignable<Dispatcher.DispatchOptions['body']>(new URLSearchParams())
expectAssignable<Dispatcher.DispatchOptions['body']>(Readable.from(['a']))
expectAssignable<Dispatcher.DispatchOptions['body']>(['a', Buffer.from('b')])
expectAssignable<Dispatcher.DispatchOptions['body']>((async function * () { yield 'a' })())
expectNotAssignable<Dispatcher.DispatchOptions['body']>(1)
expectAssignable<Dispatcher.DispatchOptions['headers']>(null)
expectAssignable<Dispatcher.DispatchOptions['headers']>({ a: 'b', c: ['d', 'e'], f: 1, g: undefined })
expectAssignable<Dispatcher.DispatchOptions['headers']>(['a', 'b'])
expectAssignable<Dispatcher.DispatchOptions['headers']>(new Map([['a', 'b']]))
expectAssignable<Dispatcher.DispatchOptions['headers']>(new Headers())
expectAssignable<Dispatcher.DispatchOptions['headers']>([['a', 'b']] as Array<[string, string]>)
expectNotAssignable<Dispatcher.DispatchOptions['headers']>('a: b')
expectAssignable<Dispatcher.RequestOptions['signal']>(new AbortController().signal)
expectAssignable<Dispatcher.RequestOptions['signal']>(new EventEmitter())
expectAssignable<Dispatcher.HttpMethod>('GET')
expectAssignable<Dispatcher.HttpMethod>('PROPFIND')

// stream
expectType<Promise<Dispatcher.StreamData<{ sink: Writable }>>>(dispatcher.stream(
  { path: '/', method: 'GET', opaque: { sink: new Writable() } },
  ({ opaque, statusCode, headers }) => {
    expectType<number>(statusCode)
    expectType<Record<string, string | string[] | undefined>>(headers)
    return opaque.sink
  }
))
expectType<void>(dispatcher.stream({ path: '/', method: 'GET' }, () => new Writable(), (error, data) => {
  expectType<Error | null>(error)
  expectType<null>(data.opaque)
}))
expectError(dispatcher.stream({ path: '/', method: 'GET' }))
expectError(dispatcher.stream({ path: '/', method: 'GET' }, () => 'a'))

// pipeline
expectType<Duplex>(dispatcher.pipeline({ path: '/', method: 'PUT', objectMode: true, opaque: 1 }, ({ body, opaque }) => {
  expectType<number>(opaque)
  return body
}))
expectError(dispatcher.pipeline({ path: '/', method: 'PUT' }))

// connect and upgrade
expectType<Promise<Dispatcher.ConnectData<number>>>(dispatcher.connect({ path: 'a:1', opaque: 1 }))
expectType<void>(dispatcher.connect({ origin: 'http://a', path: 'a:1' }, (_error, data) => expectType<Duplex>(data.socket)))
expectType<Promise<Dispatcher.UpgradeData<null>>>(dispatcher.upgrade({ path: '/' }))
expectType<Promise<Dispatcher.UpgradeData<string>>>(dispatcher.upgrade({ path: '/', protocol: 'a, b', opaque: 'c' }))
expectType<void>(dispatcher.upgrade({ path: '/' }, (_error, data) => expectType<Duplex>(data.socket)))

// close and destroy: four forms
expectType<Promise<void>>(dispatcher.close())
expectType<void>(dispatcher.close(() => {}))
expectType<Promise<void>>(dispatcher.destroy())
expectType<Promise<void>>(dispatcher.destroy(new Error('a')))
expectType<Promise<void>>(dispatcher.destroy(null))
expectType<void>(dispatcher.destroy(() => {}))
expectType<void>(dispatcher.destroy(new Error('a'), () => {}))

// dispatch: both generations
expectType<boolean>(dispatcher.dispatch({ path: '/', method: 'GET' }, {
  onConnect (abort, context) { expectType<(error?: Error) => void>(abort); expectType<any>(context) },
  onHeaders (statusCode, headers, resume, statusText) {
    expectType<number>(statusCode)
    expectType<Buffer[]>(headers)
    expectType<() => void>(resume)
    expectType<string>(statusText)
    return true
  },
  onData (chunk) { expectType<Buffer>(chunk); return false },
  onComplete (trailers: Buffer[]) { expectType<Buffer[]>(trailers) },
  onError (error) { expectType<Error>(error) }
}))
expectType<boolean>(dispatcher.dispatch({ path: '/', method: 'GET' }, {
  onRequestStart (controller) { expectType<Dispatcher.DispatchController>(controller) },
  onResponseStart (controller, statusCode, headers, statusMessage) {
    expectType<Error | null>(controller.reason)
    expectType<number>(statusCode)
    expectType<Record<string, string | string[] | undefined>>(headers)
    expectType<string | undefined>(statusMessage)
  },
  onResponseData (_controller, chunk) { expectType<Buffer>(chunk) },
  onResponseEnd (_controller, trailers) { expectType<string | string[] | undefined>(trailers.a) },
  onResponseError (_controller, error) { expectType<Error>(error) }
}))
expectError(dispatcher.dispatch({ path: '/', method: 'GET' }))
expectType<Dispatcher.DispatchHandlers>({} as Dispatcher.DispatchHandler)

// events
dispatcher.on('connect', (origin, targets) => {
  expectType<URL>(origin)
  expectType<readonly Dispatcher[]>(targets)
})
dispatcher.once('disconnect', (_origin, _targets, error) => expectType<errors.UndiciError>(error))
dispatcher.on('drain', origin => expectType<URL>(origin))
expectType<boolean>(dispatcher.emit('drain', new URL('http://a')))
expectError(dispatcher.on('gone', () => {}))

expectType<Dispatcher.ComposedDispatcher>(dispatcher.compose(dispatch => (options, handler) => dispatch(options, handler)))
expectType<typeof Client>(dodici.Client)
expectType<typeof Dispatcher>(dodici.Dispatcher)
expectType<typeof errors>(dodici.errors)

dispatcher.request({ path: '/', method: 'GET', onUploadProgress: null, onDownloadProgress ({ loaded, total }) { expectType<number>(loaded); expectType<number | null>(total) } })
dispatcher.stream({ path: '/', method: 'GET', onUploadProgress: (progress) => { expectType<Dispatcher.Progress>(progress) } }, () => process.stdout)
expectError(dispatcher.request({ path: '/', method: 'GET', onUploadProgress: true }))
