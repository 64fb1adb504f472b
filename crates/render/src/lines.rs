//! Which line of a template a rendered line was written on.
//!
//! A line is told only where it can be no other one. `template` knows of every line of a template whether its text stands
//! in what is rendered as it is, and under which conditions; `alignment` finds such lines in what was rendered. A line
//! that is not found is said to be a part of what it stands in: the nearest line above it that is indented less.

mod alignment;
mod template;

use plimsoll_document::Written;

use alignment::align;
use template::Template;

/// What was rendered of a template at once: a document, or a file that is no template at all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'t>(pub(crate) &'t str);

/// The places of the lines of all pieces, where each is preceded by a separator.
pub(crate) fn lines_of(template: &str, pieces: &[Piece<'_>]) -> Vec<Option<Written>> {
    let parsed = Template::parse(template);
    let mut all = Vec::new();
    for Piece(text) in pieces {
        all.push(None);
        let lines: Vec<&str> = text.lines().collect();
        let exact = match verbatim(template, text) {
            Some(first) => (0..lines.len()).map(|at| Some(first + at)).collect(),
            None => align(&parsed, &lines),
        };
        all.extend(written(&lines, &exact));
    }
    all
}

/// Where a file begins that comes as it is; blank lines around it may be gone.
fn verbatim(template: &str, text: &str) -> Option<usize> {
    if template.trim() != text.trim() || template.trim().is_empty() || template.contains("{{") {
        return None;
    }
    let blank = |text: &str| text[..text.len() - text.trim_start().len()].lines().count();
    // The first line that is not blank may be indented: then it is not whole in what is before it.
    let before = |text: &str| {
        let blank_text = &text[..text.len() - text.trim_start().len()];
        if blank_text.is_empty() || blank_text.ends_with('\n') {
            blank(text)
        } else {
            blank(text).saturating_sub(1)
        }
    };
    before(template).checked_sub(before(text))
}

/// Places of lines that are known, and of the others that of what they stand in.
fn written(lines: &[&str], exact: &[Option<usize>]) -> Vec<Option<Written>> {
    let mut all = Vec::with_capacity(lines.len());
    // Lines that what follows may stand in, each with its depth and place.
    let mut around: Vec<(usize, Option<Written>)> = Vec::new();
    let mut of_document = None;
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("---") {
            around.clear();
            of_document = kind_line(lines, exact, at + 1);
            all.push(None);
            continue;
        }
        if at == 0 {
            of_document = kind_line(lines, exact, 0);
        }
        let content = line.trim_start();
        let known = exact.get(at).copied().flatten().map(|line| Written {
            line: line as u32 + 1,
            column: None,
            exact: true,
        });
        if content.is_empty() || content.starts_with('#') {
            all.push(known);
            continue;
        }
        let indentation = line.len() - content.len();
        // An element of a list may be indented as its key is; it is deeper than that.
        let depth = 2 * indentation + usize::from(content.starts_with("- "));
        while around.last().is_some_and(|(above, _)| *above >= depth) {
            around.pop();
        }
        let place = known.or_else(|| {
            let above = around.last().map_or(of_document, |(_, place)| *place);
            above.map(|above| Written {
                exact: false,
                ..above
            })
        });
        let as_parent = place.map(|place| Written {
            column: place.column.or(Some(indentation as u32 + 1)),
            ..place
        });
        around.push((depth, as_parent));
        all.push(place);
    }
    all
}

/// The place of a document's `kind`, which stands for the document.
fn kind_line(lines: &[&str], exact: &[Option<usize>], from: usize) -> Option<Written> {
    let document = lines.iter().enumerate().skip(from);
    let mut document = document.take_while(|(_, line)| !line.starts_with("---"));
    let (at, _) = document.find(|(_, line)| line.starts_with("kind:"))?;
    let line = exact.get(at).copied().flatten()?;
    Some(Written {
        line: line as u32 + 1,
        column: Some(1),
        exact: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For every line of what was rendered: the line of the template, `~` before one that it is a part of.
    fn shown(template: &str, pieces: &[&str]) -> Vec<String> {
        let pieces: Vec<Piece<'_>> = pieces.iter().map(|text| Piece(text)).collect();
        let mut shown = Vec::new();
        let mut all = lines_of(template, &pieces).into_iter();
        for Piece(text) in pieces {
            assert_eq!(all.next(), Some(None));
            for line in text.lines() {
                let place = all.next().expect("a place for each line");
                let place = place.map_or("?".to_owned(), |place| {
                    format!("{}{}", if place.exact { "" } else { "~" }, place.line)
                });
                shown.push(format!("{place} {line}"));
            }
        }
        assert_eq!(all.next(), None);
        shown
    }

    const DEPLOYMENT: &str = r#"{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.fullname" . }}
  labels:
    {{- include "web.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling }}
  replicas: {{ .Values.replicas }}
  {{- else }}
  minReadySeconds: 5
  {{- end }}
  template:
    spec:
      hostNetwork: {{ .Values.hostNetwork }}
      containers:
        - name: web
          image: "{{ .Values.image }}"
          {{- if .Values.privileged }}
          securityContext:
            privileged: true
          {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          ports:
            {{- range .Values.ports }}
            - containerPort: {{ . }}
            {{- end }}
{{- end }}
"#;

    #[test]
    fn lines_that_can_be_no_others_are_found() {
        let rendered = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: rel-web\n  labels:\n    app: web\n    \
                        kind: x\nspec:\n  replicas: 1\n  template:\n    spec:\n      hostNetwork: true\n      \
                        containers:\n        - name: web\n          image: \"nginx:1\"\n          securityContext:\n            \
                        privileged: true\n          resources:\n            limits:\n              cpu: 1\n          ports:\n            \
                        - containerPort: 80\n            - containerPort: 81\n";
        let expected = [
            "2 apiVersion: apps/v1",
            "3 kind: Deployment",
            "4 metadata:",
            "5   name: rel-web",
            "6   labels:",
            "~6     app: web",
            "~6     kind: x",
            "8 spec:",
            "10   replicas: 1",
            "14   template:",
            "15     spec:",
            "16       hostNetwork: true",
            "17       containers:",
            "18         - name: web",
            "19           image: \"nginx:1\"",
            "21           securityContext:",
            "22             privileged: true",
            "24           resources:",
            "~24             limits:",
            "~24               cpu: 1",
            "26           ports:",
            "28             - containerPort: 80",
            "28             - containerPort: 81",
        ];
        assert_eq!(shown(DEPLOYMENT, &[rendered]), expected);
    }

    #[test]
    fn what_values_may_have_brought_is_not_told() {
        // The first line of the same text stands in a branch that was not taken.
        let template = "kind: Pod\nspec:\n  {{- if .Values.own }}\n  hostPID: true\n  {{- end }}\n  {{- toYaml .Values.spec | nindent 2 }}\n";
        assert_eq!(
            shown(template, &["kind: Pod\nspec:\n  hostPID: true\n"]),
            ["1 kind: Pod", "2 spec:", "~2   hostPID: true"]
        );
        // Two lines of the same text.
        let template = "kind: Pod\nspec:\n  {{- if .Values.a }}\n  hostPID: true\n  {{- else }}\n  hostPID: true\n  {{- end }}\n";
        assert_eq!(
            shown(template, &["kind: Pod\nspec:\n  hostPID: true\n"]),
            ["1 kind: Pod", "2 spec:", "~2   hostPID: true"]
        );
        // Everything is made elsewhere.
        assert_eq!(
            shown("{{ include \"all\" . }}\n", &["kind: Pod\nspec: {}\n"]),
            ["? kind: Pod", "? spec: {}"]
        );
    }

    #[test]
    fn documents_of_one_template_are_told_apart() {
        let template = "kind: Service\nspec:\n  type: NodePort\n---\n{{- range .Values.names }}\n---\nkind: ConfigMap\nmetadata:\n  name: {{ . }}\n{{- end }}\n";
        assert_eq!(
            shown(
                template,
                &[
                    "kind: ConfigMap\nmetadata:\n  name: a\n",
                    "kind: ConfigMap\nmetadata:\n  name: b\n",
                    "kind: Service\nspec:\n  type: NodePort\n",
                ]
            ),
            [
                "7 kind: ConfigMap",
                "8 metadata:",
                "9   name: a",
                "7 kind: ConfigMap",
                "8 metadata:",
                "9   name: b",
                "1 kind: Service",
                "2 spec:",
                "3   type: NodePort",
            ]
        );
        // Two of a kind that have the same lines.
        let template = "kind: A\nspec:\n  x: {{ .a }}\n---\nkind: A\nspec:\n  x: {{ .b }}\n";
        assert_eq!(
            shown(template, &["kind: A\nspec:\n  x: 1\n"]),
            ["? kind: A", "? spec:", "?   x: 1"]
        );
    }

    #[test]
    fn a_file_that_is_no_template_stands_as_it_is() {
        let text = "\n# ours\nkind: A\n---\nkind: B\nx:\n  - 1\n";
        assert_eq!(
            shown(text, &[text.trim_start()]),
            [
                "2 # ours",
                "3 kind: A",
                "? ---",
                "5 kind: B",
                "6 x:",
                "7   - 1"
            ]
        );
    }

    #[test]
    fn what_is_trimmed_or_within_an_action_is_no_line() {
        let template = "kind: A\n{{ if .x -}}\n  a: 1\n{{- end }}\n{{- /* comment\nb: 2\n*/}}\n{{ $x := \"c: 3\n}}\" }}\nd:\n  {{ .y }}: 1\n";
        assert_eq!(
            shown(template, &["kind: A\na: 1\nb: 2\nd:\n  z: 1\n"]),
            ["1 kind: A", "~1 a: 1", "~1 b: 2", "10 d:", "~10   z: 1"]
        );
    }
}
