// Which part of a source a name belongs to: the scopes of JavaScript, as far as it takes to tell a global from
// what the source itself declares. `var` counts as `let` does.

import type { AnyNode, Pattern, VariableDeclaration } from "acorn";

/** Names that a pattern binds or assigns; of `state.count` the first, `state`. */
export function targetsOf(pattern: Pattern | null): readonly string[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name];
    case "MemberExpression": {
      let root: AnyNode = pattern;
      while (root.type === "MemberExpression") root = root.object;
      return root.type === "Identifier" ? [root.name] : [];
    }
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        targetsOf(property.type === "Property" ? property.value : property.argument),
      );
    case "ArrayPattern":
      return pattern.elements.flatMap(targetsOf);
    case "RestElement":
      return targetsOf(pattern.argument);
    case "AssignmentPattern":
      return targetsOf(pattern.left);
    case undefined:
      return [];
  }
}

export function isFunction(node: AnyNode): boolean {
  return /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/u.test(node.type);
}

/**
 * Where a name is declared, seen from the innermost of `ancestors`: "global", "module" (their first is the
 * program), or "inner".
 */
export function whereIs(
  name: string,
  ancestors: readonly AnyNode[],
): "global" | "module" | "inner" {
  const scope = ancestors.findLast((node) => declaredIn(node).has(name));
  if (scope === undefined) return "global";
  return scope.type === "Program" ? "module" : "inner";
}

const known = new WeakMap<AnyNode, ReadonlySet<string>>();

function declaredIn(node: AnyNode): ReadonlySet<string> {
  let names = known.get(node);
  if (names === undefined) {
    names = new Set(namesOf(node));
    known.set(node, names);
  }
  return names;
}

function namesOf(node: AnyNode): readonly string[] {
  switch (node.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
      return node.body.flatMap(declaredBy);
    case "SwitchStatement":
      return node.cases.flatMap(({ consequent }) => consequent.flatMap(declaredBy));
    case "FunctionDeclaration":
    case "ArrowFunctionExpression":
      return node.params.flatMap(targetsOf);
    case "FunctionExpression":
      return [...targetsOf(node.id ?? null), ...node.params.flatMap(targetsOf)];
    case "ClassExpression":
      return targetsOf(node.id ?? null);
    case "CatchClause":
      return targetsOf(node.param ?? null);
    case "ForStatement":
      return node.init?.type === "VariableDeclaration" ? variablesOf(node.init) : [];
    case "ForInStatement":
    case "ForOfStatement":
      return node.left.type === "VariableDeclaration" ? variablesOf(node.left) : [];
    default:
      return [];
  }
}

/** What a statement declares in the scope that it stands in. */
export function declaredBy(statement: AnyNode): readonly string[] {
  switch (statement.type) {
    case "VariableDeclaration":
      return variablesOf(statement);
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return targetsOf(statement.id);
    case "ImportDeclaration":
      return statement.specifiers.map(({ local }) => local.name);
    case "ExportNamedDeclaration":
    case "ExportDefaultDeclaration":
      return statement.declaration ? declaredBy(statement.declaration) : [];
    default:
      return [];
  }
}

function variablesOf({ declarations }: VariableDeclaration): readonly string[] {
  return declarations.flatMap(({ id }) => targetsOf(id));
}
