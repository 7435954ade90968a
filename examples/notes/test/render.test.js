const assert = require('node:assert')
const { test } = require('node:test')
const { render } = require('../src/render')

test('one paragraph for each note', () => {
  assert.equal(render([{ text: 'a' }, { text: 'b' }]), '<p>a</p>\n<p>b</p>')
})
