-- What each person wants to read; without a row the office's language.
create table language (
    person_id bigint not null primary key,
    code text not null,             -- zh-CN | en
    chosen_at bigint not null
);
