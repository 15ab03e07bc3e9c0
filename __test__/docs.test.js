'use strict'

// Every ```js block of the documentation is a program that runs, and prints the ```text block behind it if there is one.

const assert = require('node:assert')
const { execFile } = require('node:child_process')
const { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { after, describe, test } = require('node:test')
const { pathToFileURL } = require('node:url')

const root = path.join(__dirname, '..')
const directory = mkdtempSync(path.join(tmpdir(), 'dodici-docs-'))
const documents = readdirSync(path.join(root, 'docs', 'api'))
  .filter(name => name.endsWith('.md'))
  .map(name => path.join('docs', 'api', name))
  .concat(existsSync(path.join(root, 'README.md')) ? ['README.md'] : [])

after(() => rmSync(directory, { recursive: true }))

// The examples of a document: the line they begin at, the program, and what it prints (undefined: not said).
function examples (markdown) {
  const block = /^```js\n([^]*?)^```\n(?:\n*```text\n([^]*?)^```)?/gm
  return Array.from(markdown.matchAll(block), ({ index, 1: program, 2: prints }) => {
    return { line: markdown.slice(0, index).split('\n').length + 1, program, prints }
  })
}

// As the package's user would have written it, but with this directory in the package's place, and the one other package
// that an example needs by its path.
function resolved (program) {
  return program
    .replace(/(from |import\()'dodici'/g, `$1'${pathToFileURL(path.join(root, 'index.js'))}'`)
    .replace(/require\('dodici'\)/g, `require(${JSON.stringify(root)})`)
    .replace(/from 'tough-cookie'/g, `from '${pathToFileURL(require.resolve('tough-cookie'))}'`)
}

function run (file) {
  return new Promise(resolve => {
    execFile(process.execPath, ['--no-warnings', file], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code ?? error.signal : 0, stdout, stderr })
    })
  })
}

for (const document of documents) {
  describe(document, { concurrency: 2 }, () => {
    for (const { line, program, prints } of examples(readFileSync(path.join(root, document), 'utf8'))) {
      test(`the example in line ${line} runs`, async () => {
        const extension = /^import /m.test(program) ? 'mjs' : 'cjs'
        const file = path.join(directory, `${path.basename(document, '.md')}-${line}.${extension}`)
        writeFileSync(file, resolved(program))
        const { code, stdout, stderr } = await run(file)
        assert.strictEqual(code, 0, stderr)
        if (prints !== undefined) {
          assert.strictEqual(stdout, prints)
        }
      })
    }
  })
}
