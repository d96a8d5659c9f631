//! What html5ever makes of a page: its elements and texts in one list, no deeper and no more than there is room
//! for.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::{Attribute, ExpandedName, ParseOpts, QualName, parse_document};

use crate::error::Fault;

/// The most elements of a page, and the deepest that they may be nested.
const NODES: usize = 3_000_000;
const DEPTH: usize = 400;

/// So much is parsed before the limits are looked at.
const PIECE: usize = 4_096;

/// The attributes that tables need.
const KEPT: [&str; 4] = ["colspan", "rowspan", "href", "hidden"];

/// What stands in an element.
pub(super) enum Child {
    Element(usize),
    Text(StrTendril),
}

/// An element; the document is number 0 and has no name.
#[derive(Default)]
pub(super) struct Node {
    pub name: Option<Rc<QualName>>,
    pub children: Vec<Child>,
    attributes: Vec<Attribute>,
    parent: Option<usize>,
    depth: usize,
}

impl Node {
    /// Its tag, in small letters; empty for what has none.
    pub(super) fn tag(&self) -> &str {
        self.name.as_ref().map_or("", |name| &name.local)
    }

    /// One of the attributes that are kept.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|attribute| &*attribute.name.local == name)
            .map(|attribute| &*attribute.value)
    }
}

/// Parses a page as a browser does. An error: it is too large or too deep.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, Fault> {
    let mut parser = parse_document(Tree::default(), ParseOpts::default());
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE).max(1));
        parser.process(StrTendril::from_slice(piece));
        let tree = &parser.tokenizer.sink.sink;
        if tree.deepest.get() > DEPTH {
            let reason = format!(
                "the page nests its elements more than {DEPTH} deep; save only the table, as XLSX or CSV"
            );
            return Err(Fault::new(reason).code("too_large"));
        }
        if tree.nodes.borrow().len() > NODES {
            let reason = format!(
                "the page has more than {NODES} elements; have the report split, or given as CSV"
            );
            return Err(Fault::new(reason).code("too_large"));
        }
        rest = after;
    }
    Ok(parser.finish())
}

#[derive(Clone)]
struct Handle {
    id: usize,
    name: Option<Rc<QualName>>,
}

struct Tree {
    nodes: RefCell<Vec<Node>>,
    deepest: Cell<usize>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            nodes: RefCell::new(vec![Node::default()]),
            deepest: Cell::new(0),
        }
    }
}

impl Tree {
    fn add(&self, name: Option<QualName>, attributes: Vec<Attribute>) -> Handle {
        let mut nodes = self.nodes.borrow_mut();
        let name = name.map(Rc::new);
        let id = nodes.len();
        nodes.push(Node {
            name: name.clone(),
            attributes,
            ..Node::default()
        });
        Handle { id, name }
    }

    /// Takes an element out of where it stands, and says where that was.
    fn take_out(&self, id: usize) {
        let mut nodes = self.nodes.borrow_mut();
        let parent = nodes.get_mut(id).and_then(|node| node.parent.take());
        let Some(parent) = parent.and_then(|parent| nodes.get_mut(parent)) else {
            return;
        };
        if let Some(at) = place(&parent.children, id) {
            parent.children.remove(at);
        }
    }

    /// Puts something in at a place; none: at the end. Texts beside each other become one.
    fn put(&self, parent: usize, at: Option<usize>, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(child) = &child {
            self.take_out(child.id);
        }
        let mut nodes = self.nodes.borrow_mut();
        let depth = nodes.get(parent).map_or(0, |node| node.depth) + 1;
        if let NodeOrText::AppendNode(child) = &child
            && let Some(node) = nodes.get_mut(child.id)
        {
            node.parent = Some(parent);
            node.depth = depth;
            self.deepest.set(self.deepest.get().max(depth));
        }
        let Some(parent) = nodes.get_mut(parent) else {
            return;
        };
        let children = &mut parent.children;
        let at = at.unwrap_or(children.len()).min(children.len());
        match child {
            NodeOrText::AppendNode(child) => children.insert(at, Child::Element(child.id)),
            NodeOrText::AppendText(text) => {
                let before = at.checked_sub(1).and_then(|at| children.get_mut(at));
                if let Some(Child::Text(before)) = before {
                    before.push_tendril(&text);
                } else {
                    children.insert(at, Child::Text(text));
                }
            }
        }
    }

    fn parent(&self, id: usize) -> Option<usize> {
        self.nodes.borrow().get(id).and_then(|node| node.parent)
    }
}

/// Where among its siblings an element stands; mostly it is one of the last.
fn place(children: &[Child], id: usize) -> Option<usize> {
    children
        .iter()
        .rposition(|child| matches!(child, Child::Element(child) if *child == id))
}

impl TreeSink for Tree {
    type Handle = Handle;
    type Output = Vec<Node>;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Vec<Node> {
        self.nodes.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { id: 0, name: None }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        const NOTHING: ExpandedName<'static> = ExpandedName {
            ns: &html5ever::ns!(),
            local: &html5ever::local_name!(""),
        };
        target.name.as_ref().map_or(NOTHING, |name| name.expanded())
    }

    fn create_element(
        &self,
        name: QualName,
        mut attributes: Vec<Attribute>,
        _: ElementFlags,
    ) -> Handle {
        attributes.retain(|attribute| KEPT.contains(&&*attribute.name.local));
        attributes.shrink_to_fit();
        self.add(Some(name), attributes)
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.add(None, Vec::new())
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.add(None, Vec::new())
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.put(parent.id, None, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        before: &Handle,
        child: NodeOrText<Handle>,
    ) {
        if self.parent(element.id).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(before, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// A template's content is not shown: it hangs on the template, which is left out.
    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.id == other.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(child) = &child {
            self.take_out(child.id);
        }
        let Some(parent) = self.parent(sibling.id) else {
            return;
        };
        let at = {
            let nodes = self.nodes.borrow();
            nodes
                .get(parent)
                .and_then(|node| place(&node.children, sibling.id))
        };
        self.put(parent, at, child);
    }

    fn add_attrs_if_missing(&self, _: &Handle, _: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &Handle) {
        self.take_out(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let mut nodes = self.nodes.borrow_mut();
        let moved = nodes
            .get_mut(node.id)
            .map(|node| std::mem::take(&mut node.children));
        let moved = moved.unwrap_or_default();
        let depth = nodes.get(new_parent.id).map_or(0, |node| node.depth) + 1;
        for child in &moved {
            if let Child::Element(child) = child
                && let Some(child) = nodes.get_mut(*child)
            {
                child.parent = Some(new_parent.id);
                child.depth = depth;
            }
        }
        if let Some(parent) = nodes.get_mut(new_parent.id) {
            parent.children.extend(moved);
        }
    }
}
