"""The reader of mapping templates: what is broken is placed, what is sound stays without a problem."""

from __future__ import annotations

import time

import pytest

from probes._vtl import LONGEST, MOST_PROBLEMS, overridden_twice, parse

# The method request passthrough template that the console offers.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
PASSTHROUGH = r"""##  See https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
##  This template will pass through all parameters including path, querystring, header, stage variables, and context
#set($allParams = $input.params())
{
"body-json" : $input.json('$'),
"params" : {
#foreach($type in $allParams.keySet())
    #set($params = $allParams.get($type))
"$type" : {
    #foreach($paramName in $params.keySet())
    "$paramName" : "$util.escapeJavaScript($params.get($paramName))"
        #if($foreach.hasNext),#end
    #end
}
    #if($foreach.hasNext),#end
#end
},
"stage-variables" : {
#foreach($key in $stageVariables.keySet())
"$key" : "$util.escapeJavaScript($stageVariables.get($key))"
    #if($foreach.hasNext),#end
#end
},
"context" : {
    "account-id" : "$context.identity.accountId",
    "http-method" : "$context.httpMethod"
    }
}
"""
# After https://docs.aws.amazon.com/apigateway/latest/developerguide/example-photos.html and
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html
PHOTOS = """#set($inputRoot = $input.path('$'))
{
  "choices": [
#foreach($elem in $inputRoot.photos.photo)
    { "id": "$elem.id", "n": $elem.isfriend, "page": "$inputRoot.photos.page" }#if($foreach.hasNext),#end

#end
  ]
}"""
OVERRIDE = """#set($inputRoot = $input.path('$'))
$input.json("$")
#if($inputRoot.toString().contains("error"))
#set($context.responseOverride.status = 444)
#set($context.responseOverride.header.hName = "$inputRoot.message")
#elseif(${inputRoot.code} >= 400 && !$inputRoot.ok)
#set($context.responseOverride.status = $inputRoot.code)
#{else}
#set($total = 3 + 4 * ($inputRoot.count - 1))
#set($map = {"a": [1, 2], "b": [1..5]})
#end"""
SOUND = [
    PASSTHROUGH,
    PHOTOS,
    OVERRIDE,
    "",
    '{"statusCode": 200}',
    "Action=SendMessage&MessageBody=$util.urlEncode($input.body)",
    '{"price": "$5.00", "colour": "#fff", "note": "#1 #(x) #foo(bar baz", "rest": "${1}$"}',
    "\\#if \\$x \\\\",
    "## #if($a\n#* #set( *##[[ #foreach $x.y( ]]#",
    '$!{q.a("b", 1)} $x.y (not a call) $util.escapeJavaScript($a).replaceAll("\\\\\'", "\'")',
    '#set($a = "say \\"hi\\"")#set($b = "\\")#set($c = \'it\'\'s\')',
    "#macro(row $a $b)<$a,$b>#end#row(1 2)#define($d)x#end$d",
    '#if ($a.size() > 0 and $b eq "x" || not ($c))#if(true)#stop#end#end',
    "#set($x[0] = 1)#set( ${y.z} = $x[0] )#set(\n$w\n=\n-1\n)",
]


@pytest.mark.parametrize("template", SOUND)
def test_a_sound_template_has_no_problem(template: str) -> None:
    assert parse(template).problems == ()
    assert parse(template).complete


@pytest.mark.parametrize(
    ("template", "line", "column", "message"),
    [
        ("{\n  #if($a)x\n}", 2, 3, "#if is never closed by #end"),
        ("a\n#foreach($x in $y)", 2, 1, "#foreach is never closed by #end"),
        ("#set($x = )", 1, 11, "expected a value, found )"),
        ("#set($x == 1)", 1, 10, "expected a value, found = 1)"),
        ("#set($x 1)", 1, 9, "expected = after what #set sets, found 1)"),
        ("#set(x = 1)", 1, 6, "#set needs a $reference here"),
        ("#set $x = 1", 1, 5, "#set needs ( here"),
        ("#set($x = 'a)", 1, 11, "the text that begins with ' here is never closed"),
        ("\n\n  $input.path('$.a'", 3, 20, "expected ) of the call, found the end of the template"),
        ('{"a": $input.json("$.a)}', 1, 19, 'the text that begins with " here is never closed'),
        ('"${a.b"', 1, 7, 'expected } after ${, found "'),
        ("#foreach($x of $y)#end", 1, 12, "#foreach needs the word in here"),
        ("#foreach(x in $y)#end", 1, 10, "#foreach needs a $variable here"),
        ("#if($a)#end #end", 1, 13, "#end closes nothing"),
        ("#else", 1, 1, "#else stands in no #if"),
        ("#if($a)#else#elseif($b)#end", 1, 13, "#elseif comes after the #else of its #if"),
        ("#if($a = 1)#end", 1, 8, "expected ) of #if, found = 1)#end"),
        ("#if($a == 'b' && )#end", 1, 18, "expected a value, found )#end"),
        ("#set($m = {'a' 1})", 1, 16, "expected : between key and value, found 1})"),
        ("#set($m = [1, 2)", 1, 16, "expected ] of the list, found )"),
        ("#* never", 1, 1, "what #* opens here is never closed by *#"),
    ],
)
def test_a_broken_template_says_where(template: str, line: int, column: int, message: str) -> None:
    first = parse(template).problems[0]
    assert (first.line, first.column, first.message) == (line, column, message)


def test_reading_goes_on_after_a_problem() -> None:
    found = parse("#set($a = )\n#set($b = )\n$input.path('$.c')")
    assert [problem.line for problem in found.problems] == [1, 2]
    assert [(reference.text, reference.line) for reference in found.references] == [("input.path('$.c')", 3)]


def test_references_are_listed_without_their_signs() -> None:
    found = parse("#set($x = $input.path('$.a'))$!{util.urlEncode($input.params('q'))} $x $x.y")
    assert [reference.text for reference in found.references] == [
        "input.path('$.a')", "input.params('q')", "util.urlEncode($input.params('q'))", "x.y",
    ]  # fmt: skip


HEADER = '#set($context.requestOverride.header.{} = "1")'


@pytest.mark.parametrize(
    ("template", "lines"),
    [
        (HEADER.format("a") + HEADER.format("b"), []),
        (HEADER.format("a") + "\n" + HEADER.format("a"), [2]),
        (f"#if($x){HEADER.format('a')}#else{HEADER.format('a')}#end", []),
        (f"#if($x){HEADER.format('a')}#end\n#if($y){HEADER.format('a')}#end", [2]),
        (f"#foreach($x in $y){HEADER.format('a')}#end", [1]),
        ("#set($x = 1)#set($x = 2)", []),
        ("#set($context.responseOverride.status = 1)\n#set(${context.responseOverride.status} = 2)", [2]),
    ],
)
def test_an_override_that_is_made_twice_is_found(template: str, lines: list[int]) -> None:
    assert [assignment.line for assignment in overridden_twice(parse(template))] == lines


@pytest.mark.parametrize(
    "piece",
    [
        "$x ", "$a.b ", '#set($x="y")', "#if($a)", "#if(((((", '#set($x = "', "#set($x = '\\')", "$a.b(", "#set($x=[",
        "#*", "#if(!!!", "\n", "#", "$", "\\", "#foreach($x   ", "$a[$a[", "${a", '""', "#macro(a $b", "\x00\ud800é",
    ],
)  # fmt: skip
def test_hostile_templates_are_read_in_time(piece: str) -> None:
    template = piece * (LONGEST // len(piece))
    started = time.process_time()
    found = parse(template)
    assert time.process_time() - started < 5
    assert len(found.problems) <= MOST_PROBLEMS


def test_what_is_too_deep_or_too_long_is_not_judged() -> None:
    deep = parse("#if(" + "(" * 500 + "1" + ")" * 500 + ")#end")
    assert (deep.problems, deep.complete) == ((), False)
    assert not parse("x" * (LONGEST + 1)).complete
    assert parse("#if($a)" * 5000 + "#end" * 5000).problems == ()
