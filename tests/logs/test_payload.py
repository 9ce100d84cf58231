from __future__ import annotations

import json

import pytest

from wizard.logs import inspect, judge


@pytest.mark.parametrize(
    ("answer", "defect"),
    [
        ({"statusCode": 200}, None),
        ({"headers": {"a": "b"}}, None),
        ({}, None),
        ({"statusCode": "201"}, None),
        ({"statusCode": "test"}, "bad-statuscode"),
        ({"statusCode": ""}, "bad-statuscode"),
        ({"statusCode": True}, "bad-statuscode"),
        ({"statusCode": [200]}, "bad-statuscode"),
        ({"statusCode": 200, "headers": None}, None),
        ({"statusCode": 200, "body": None}, None),
        ({"headers": {"a": True}}, None),
        ({"headers": {"a": 1}}, "bad-headers"),
        ({"headers": {"a": ["b"]}}, "bad-headers"),
        ({"headers": ["a"]}, "bad-headers"),
        ({"multiValueHeaders": {"a": ["b"]}}, None),
        ({"multiValueHeaders": {"a": "b"}}, "bad-headers"),
        ({"statusCode": 200, "ok": True}, "unknown-field"),
        ({"isBase64Encoded": True, "body": "aGVsbG8="}, None),
        ({"isBase64Encoded": True, "body": "aGVsbG8"}, None),
        ({"isBase64Encoded": True, "body": ""}, None),
        ({"isBase64Encoded": False, "body": "no: base64"}, None),
        ({"isBase64Encoded": True, "body": "data:image/png;base64,aGVsbG8="}, "body-not-base64"),
        ({"isBase64Encoded": True, "body": "-_-_"}, "body-not-base64"),
        ({"isBase64Encoded": True, "body": "text", "statusCode": 503}, "returned-5xx"),
        ({"isBase64Encoded": True, "body": {}}, "body-not-string"),
        ({"statusCode": 200, "cookies": []}, "unknown-field"),
        ({"hello": "world"}, "not-an-object"),
        (None, "not-an-object"),
        ("hello", "not-an-object"),
        ([1, 2], "not-an-object"),
        (7, "not-an-object"),
        ({"statusCode": 200, "body": {"a": 1}}, "body-not-string"),
        ({"statusCode": 200, "body": 7}, "body-not-string"),
        ({"statusCode": 200, "body": []}, "body-not-string"),
        ({"statusCode": 200, "body": "x", "isBase64Encoded": False}, None),
        ({"statusCode": 500, "body": "x"}, "returned-5xx"),
        ({"statusCode": "503"}, "returned-5xx"),
        ({"statusCode": 404}, None),
        ({"errorMessage": "x", "errorType": "KeyError", "stackTrace": []}, "function-error"),
        ({"errorMessage": "x"}, "function-error"),
    ],
)
def test_the_services_rules(answer, defect):
    assert judge(json.dumps(answer)) == defect


@pytest.mark.parametrize(
    ("cut", "defect", "key"),
    [
        ('{"statusCode": 200, "headers": {"a": "b"}, "body": {"hey": "du', "body-not-string", "body"),
        ('{"statusCode": 200, "body": 12', "body-not-string", "body"),
        ('{"statusCode": 200, "ok": tr', "unknown-field", "ok"),
        ('{"ok": true, "statusCode": 2', "unknown-field", "ok"),
        ('{"statusCode": "test", "body": "aaa', "bad-statuscode", "statusCode"),
        ('{"statusCode": 500, "body": "aaa', "returned-5xx", None),
        ('{"statusCode": 200, "body": "aaa [TRUNCATED]', "truncated", None),
        ('{"statusCode": 50', "truncated", None),
        ('{"statusCode": 200, "bo', "truncated", None),
        ('{"statusCode": 200, "body": "an \\"escaped\\" quote and \\', "truncated", None),
        ('{"errorMessage": "a very long', "function-error", "errorMessage"),
        ('{"some": 1, "thi', "not-an-object", "some"),
        ('{"some', "truncated", None),
        ('"a long text that goes on', "not-an-object", None),
        ("[1, 2, ", "not-an-object", None),
        ("", "not-an-object", None),
        ("<html>", "truncated", None),
    ],
)
def test_what_is_left_of_a_cut_response(cut, defect, key):
    found = inspect(cut)
    assert (found.defect, found.key) == (defect, key)


@pytest.mark.parametrize(
    "payload", ["[" * 100_000, '{"a":' * 100_000, '{"statusCode": ' + "9" * 10_000, "\x00", "{" + '"a":1,' * 100_000]
)
def test_hostile_text_is_judged_without_a_crash(payload):
    assert isinstance(judge(payload), str | None)


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        ('{"statusCode":200,"headers":{"a":"b"}}\0\0\0\0\0\0\0\0<html>', "streamed"),
        ('{"statusCode":200,"cookies":[]}hello', "streamed"),
        ('{"statusCode":200,"body":"x"}hello', None),
        ('{"errorMessage":"x"}hello', None),
        ('{"statusCode":200,"headers":{"a":"b"', None),
    ],
)
def test_a_body_behind_the_object_is_a_streamed_answer(text: str, defect: str | None) -> None:
    assert (judge(text) == "streamed") is (defect == "streamed")
