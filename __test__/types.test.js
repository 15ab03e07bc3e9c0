'use strict'

// Programs typed against undici compile when this package takes its place. The files of `programs/` are compiled
// twice: against the undicis they were written for, so that they are known to be true ones, and against `index.d.ts`.

const assert = require('node:assert')
const path = require('node:path')
const { test } = require('node:test')
const ts = require('typescript')

const root = path.join(__dirname, '..')
const versions = [5, 6, 7, 8]
const names = [...versions, '8-around']

function complaints (options) {
  const programs = names.map(name => path.join(__dirname, 'programs', `undici${name}.ts`))
  const program = ts.createProgram(programs, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    esModuleInterop: true,
    strict: true,
    noEmit: true,
    types: ['node'],
    ...options
  })
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const place = file ? `${path.relative(root, file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}` : ''
    return `${place} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

test('the programs compile against the undicis they were written for', () => {
  assert.deepStrictEqual(complaints({ skipLibCheck: true }), [])
})

test('the same programs compile against this package', () => {
  const paths = Object.fromEntries(versions.map(version => [`undici${version}`, [path.join(root, 'index.d.ts')]]))
  assert.deepStrictEqual(complaints({ skipLibCheck: false, paths }), [])
})
