"""What JavaScript and TypeScript sources say, whatever runs them: Node, Bun or Deno. No detector of its own."""
